/** A replay as marks in time: when a rule would have acted, and where that differs from its present version. */
import type { Replay } from "../api/words";
import { t } from "../language/language.svelte";
import { setText } from "./describe/actions";
import { listed, modeText, type Names } from "./describe/names";
import { text } from "./describe/node";

export interface ReplayLine {
  at: string;
  run: string;
  kind: string;
  text: string;
  device?: string;
  set?: unknown;
  scene?: string;
  mode?: string;
  title?: string;
  message?: string;
}

/** Against the present version: the same, otherwise, only the draft, only the present one; `alone` = there is none. */
export type Side = "alone" | "same" | "other" | "new" | "old";

export interface Mark {
  key: string;
  at: string;
  side: Side;
  /** Of the first thing that it does. */
  kind: string;
  /** What the draft does. */
  lines: ReplayLine[];
  /** What only the present version does. */
  instead: ReplayLine[];
}

export const KINDS = ["command", "scene", "notify", "set_mode"];

export function marksOf({ lines, differences }: Replay): Mark[] {
  const draft = byRun(lines as unknown as ReplayLine[]);
  if (!differences) return sortedMarks([...draft].map(([run, own]) => mark(run, "alone", own, [])));
  const onlyDraft = byRun(differences.only_draft as unknown as ReplayLine[]);
  const onlyCurrent = byRun(differences.only_current as unknown as ReplayLine[]);
  const marks = [...draft].map(([run, own]) => {
    const instead = onlyCurrent.get(run) ?? [];
    const added = onlyDraft.get(run) ?? [];
    if (instead.length === 0 && added.length === 0) return mark(run, "same", own, []);
    return mark(run, instead.length === 0 && added.length >= own.length ? "new" : "other", own, instead);
  });
  const old = [...onlyCurrent].filter(([run]) => !draft.has(run)).map(([run, gone]) => mark(run, "old", [], gone));
  return sortedMarks([...marks, ...old]);
}

function byRun(lines: ReplayLine[]): Map<string, ReplayLine[]> {
  const runs = new Map<string, ReplayLine[]>();
  for (const line of lines) runs.set(line.run, [...(runs.get(line.run) ?? []), line]);
  return runs;
}

function mark(run: string, side: Side, lines: ReplayLine[], instead: ReplayLine[]): Mark {
  const first = lines[0] ?? instead[0];
  return { key: `${side} ${run}`, at: first?.at ?? "", side, kind: first?.kind ?? "", lines, instead };
}

const sortedMarks = (marks: Mark[]) => marks.sort((a, b) => a.at.localeCompare(b.at) || a.key.localeCompare(b.key));

/** One thing that would have been done, in words. */
export function lineText(line: ReplayLine, names: Names): string {
  switch (line.kind) {
    case "command":
      return line.device ? setText(names.device(line.device), line.device, line.set, names) : line.text;
    case "scene":
      return t("rules.scene", { scene: names.scene(text(line.scene)) });
    case "set_mode":
      return t("rules.set_mode", { mode: modeText(line.mode) });
    case "notify":
      return t("rules.said", { message: [line.title, line.message].filter(Boolean).join(": ") });
    default:
      return line.text;
  }
}

export function markText({ lines, instead }: Mark, names: Names): string {
  return listed((lines.length > 0 ? lines : instead).map((line) => lineText(line, names)));
}

/** What came of it, in one sentence or two. */
export function summaryText({ summary, differences }: Replay): string {
  const fired = summary.fired === 0 ? t("rules.replay.never") : t("rules.replay.fired", { count: summary.fired });
  const night = summary.fired_at_night > 0 ? t("rules.replay.at_night", { count: summary.fired_at_night }) : "";
  const head = `${[fired, night].filter(Boolean).join(", ")}.`;
  if (!differences) return head;
  const other =
    differences.count === 0 ? t("rules.replay.no_difference") : t("rules.replay.differs", { count: differences.count });
  return `${head} ${other}`;
}

export interface Place {
  /** `2026-11-26` in the home's time. */
  day: string;
  /** 0 to 1440. */
  minute: number;
}

/** Where a moment stands on the home's clocks. */
export function placeOf(at: string, timeZone: string | undefined): Place {
  const parts = new Intl.DateTimeFormat("en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(timeZone ? { timeZone } : {}),
  }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "0";
  return {
    day: `${part("year")}-${part("month")}-${part("day")}`,
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** The days of the home between two moments, the first first. */
export function daysBetween(from: string, to: string, timeZone: string | undefined): string[] {
  const days = new Set<string>();
  // Steps of half a day meet each day, those of 23 and 25 hours too.
  for (let time = Date.parse(from); time < Date.parse(to); time += 43_200_000) {
    days.add(placeOf(new Date(time).toISOString(), timeZone).day);
  }
  days.add(placeOf(to, timeZone).day);
  return [...days];
}
