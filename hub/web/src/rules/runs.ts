/** How runs are called in a list, and what the last stop of the hub made of them. */
import type { AutomationRun, CaughtUpRun } from "../api/words";
import { tOr } from "../language/language.svelte";
import { isUnderWay } from "./trace";

export type Tone = "good" | "bad" | "warn" | "soft" | "busy";

const TONES: Record<string, Tone> = {
  finished: "good",
  failed: "bad",
  fuse: "bad",
  stopped: "soft",
  late: "warn",
  missed: "warn",
  resumed: "warn",
  outranked: "warn",
};

/** A run, or that there was none although one was due. */
export interface Entry {
  id: string;
  run: AutomationRun | null;
  at: string | null;
  phase: string;
  tone: Tone;
  /** `resumed`, `late` or `missed` through the hub's last stop. */
  caught: CaughtUpRun | null;
}

/** The runs with what the stop of the hub did to them; those that it swallowed stand among them. */
export function entriesOf(runs: AutomationRun[], caughtUp: CaughtUpRun[], startedAt: string | null): Entry[] {
  const caught = new Map(caughtUp.map((one) => [one.run, one]));
  const entries: Entry[] = runs.map((run) => {
    const phase = isUnderWay(run) ? run.phase : run.ended_at || run.phase !== "waiting" ? run.phase : "unseen";
    return {
      id: run.id,
      run,
      at: run.started_at,
      phase,
      tone: isUnderWay(run) ? "busy" : (TONES[phase] ?? "soft"),
      caught: caught.get(run.id) ?? null,
    };
  });
  const known = new Set(runs.map(({ id }) => id));
  const swallowed = caughtUp
    .filter(({ run, phase }) => phase === "missed" && !known.has(run))
    .map((one): Entry => ({ id: one.run, run: null, at: startedAt, phase: "missed", tone: "warn", caught: one }));
  return [...entries, ...swallowed].sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""));
}

export function phaseText(phase: string): string {
  return tOr(`rules.phase.${phase}`, phase);
}

/** What `resumed`, `late` and `missed` mean. */
export function caughtText({ phase }: CaughtUpRun): string {
  return tOr(`rules.caught.${phase}`, phase);
}
