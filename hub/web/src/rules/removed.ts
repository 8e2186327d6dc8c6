/** Which rules were removed lately and may come back. */
import type { Revision } from "../api/words";

/** Of the latest changes, the newest first, the removals that stand. */
export function removedIn(revisions: Revision[]): Revision[] {
  const seen = new Set<string>();
  return revisions.filter(({ id, change }) => {
    if (seen.has(id)) return false;
    seen.add(id);
    return change === "removed";
  });
}
