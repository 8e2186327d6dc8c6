/** A unified diff of the hub as lines to be shown. */

export interface DiffLine {
  kind: "added" | "removed" | "same" | "gap";
  text: string;
}

const KINDS: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", " ": "same" };

export function diffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let inside = false;
  for (const line of diff.split("\n")) {
    if (line.startsWith("@@")) {
      // Between two places there is something that is not shown; before the first nothing needs to be said.
      if (inside) lines.push({ kind: "gap", text: "" });
      inside = true;
    } else if (inside) {
      const kind = KINDS[line.charAt(0)];
      if (kind) lines.push({ kind, text: line.slice(1) });
    }
  }
  return lines;
}
