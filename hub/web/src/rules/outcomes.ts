/** What became of a command of a run: found in what the hub tells of why a state is as it is. */
import type { Why } from "../api/words";
import { timeOfDay } from "../format/time";
import { t, tOr } from "../language/language.svelte";

export interface Outcome {
  text: "confirmed" | "failed" | "overtaken";
  at: string | null;
  detail: string | null;
  tone: "good" | "bad" | "soft";
}

/** Of an answer to «why» what it says of an action of this run; what something else has overtaken is not known. */
export function outcomeIn({ chain, attempt }: Why, run: string, path: string): Outcome {
  const own = chain.findIndex((link) => link.kind === "run" && link.run === run && isAt(link.action?.path, path));
  // Only what stands right before it is its doing.
  const before = chain.slice(0, own).filter(({ kind }) => kind === "run");
  if (own >= 0 && before.length === 0) {
    const state = chain.find((link) => link.kind === "state");
    return { text: "confirmed", at: state?.kind === "state" ? state.at : null, detail: null, tone: "good" };
  }
  const failed = attempt as { status?: string; reason?: string | null; detail?: string | null; cause?: unknown } | null;
  const cause = failed?.cause as { run?: string } | undefined;
  if (failed && cause?.run === run) {
    return { text: "failed", at: null, detail: failed.reason ?? failed.detail ?? null, tone: "bad" };
  }
  return { text: "overtaken", at: null, detail: null, tone: "soft" };
}

const isAt = (found: string | undefined, path: string) =>
  found !== undefined && (found === path || found.startsWith(`${path}.`) || path.startsWith(`${found}.`));

export function outcomeText({ text, at, detail }: Outcome, timeZone: string | undefined): string {
  switch (text) {
    case "confirmed":
      return at ? t("rules.confirmed", { at: timeOfDay(at, timeZone) }) : t("command.confirmed");
    case "failed":
      return tOr(`reason.${detail}`, detail ?? t("command.failed"));
    default:
      return t("rules.overtaken");
  }
}
