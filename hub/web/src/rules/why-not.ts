/** Why a rule did not act: the hub's reason in plain words, and how its parts stood. */
import type { AutomationRun, ConditionState, NearMiss, TriggerState, WhyNot } from "../api/words";
import { moment } from "../format/time";
import { since } from "./since";
import { t, tOr } from "../language/language.svelte";
import type { Names } from "./describe/names";
import { conditionAt, lineAt, type Outline } from "./describe/outline";
import { oneValue } from "./describe/value";
import { conditionStep, triggerDetail } from "./trace";

/** The headline. Where the hub says more than the page can, its own words follow. */
export function headline(why: WhyNot, document: unknown, outline: Outline, names: Names): string {
  const { code, path } = why.reason;
  const miss = why.misses.find((one) => one.path === path) ?? why.misses[0];
  switch (code) {
    case "condition": {
      const words = path ? conditionAt(document, path, names) : null;
      if (!words) return t("rules.why.condition");
      const seen = miss?.conditions.find((one) => one.path === path);
      const step = seen ? conditionStep(seen, { document, outline, names }) : null;
      const key = step?.detail ? "rules.why.condition_seen" : "rules.why.condition_named";
      return t(key, { text: step?.text ?? t("rules.if", { text: words }), seen: step?.detail ?? "" });
    }
    case "waiting": {
      const line = path ? lineAt(outline, path) : null;
      return line ? t("rules.why.waiting_named", { text: line.text }) : t("rules.why.waiting");
    }
    default:
      return tOr(`rules.why.${code}`, why.reason.text);
  }
}

/** Whether the hub's own sentence is more than the page says: how triggers and conditions stood, it shows by itself. */
export function hubSaysMore({ reason: { code, text } }: Pick<WhyNot, "reason">): boolean {
  return code !== "trigger" && !/\b(conditions|actions|triggers)\[/.test(text);
}

export interface Standing {
  path: string;
  text: string;
  /** null = it cannot be said. */
  holds: boolean | null;
  /** What was seen, in words. */
  seen: string[];
  parts: Standing[];
}

/** How conditions stood, as a tree. */
export function standings(states: ConditionState[], document: unknown, names: Names, now: number): Standing[] {
  return states.map((state) => {
    const parts = standings(state.parts as unknown as ConditionState[], document, names, now);
    const group = parts.length > 0 ? tOr(`rules.group.${state.kind}`, state.kind) : null;
    const words = conditionAt(document, state.path, names) ?? state.wants;
    return {
      path: state.path,
      text: group ?? t("rules.if", { text: words }),
      holds: state.holds ?? null,
      seen: [
        ...(parts.length > 0 ? [] : state.looked_at.map((one) => seenText(one, names, now))),
        ...(state.error ? [state.error] : []),
      ],
      parts,
    };
  });
}

interface Seen {
  about: string;
  device?: string | null;
  attribute?: string | null;
  value: unknown;
  since?: string | null;
}

function seenText({ about, device, attribute, value, ...seen }: Seen, names: Names, now: number): string {
  const words =
    device && attribute
      ? oneValue(names.shape(device, attribute), value, names)
      : value === null
        ? t("rules.unknown")
        : typeof value === "boolean"
          ? tOr(`value.${value}`, String(value))
          : tOr(`rules.home_mode.${String(value)}`, String(value));
  const what = device ? `${names.device(device)}: ${words}` : about && value === null ? `${about}: ${words}` : words;
  return seen.since ? t("rules.since", { text: what, since: since(seen.since, now) }) : what;
}

/** How triggers stood. `holds` = that which it waits for is so already: it fires when it becomes so. */
export function triggerStandings(
  states: TriggerState[],
  outline: Outline,
  names: Names,
  now: number,
  timeZone: string | undefined,
): Standing[] {
  return states.map((state) => ({
    path: state.path,
    text: t("rules.when", { text: lineAt(outline, state.path)?.text ?? state.wants }),
    holds: state.watched.length > 0 ? state.watched.some(({ matches }) => matches) : null,
    seen: [
      ...state.watched.slice(0, 5).map((one) => seenText(one, names, now)),
      ...state.watched.flatMap(({ due_at }) =>
        due_at && Date.parse(due_at) > now ? [t("rules.why.due", { at: moment(due_at, timeZone) })] : [],
      ),
      ...(state.next_at ? [t("rules.why.next", { at: moment(state.next_at, timeZone) })] : []),
      ...(state.last_at ? [t("rules.why.last", { at: moment(state.last_at, timeZone) })] : []),
    ],
    parts: [],
  }));
}

/** What nearly happened: something that can be asked about. */
export interface Near {
  at: string;
  kind: "ran" | "missed";
  text: string;
}

/** Of an answer and of runs what stands on the line of the last day, the newest first. */
export function nears(answers: WhyNot[], runs: AutomationRun[], names: Names): Near[] {
  const found = new Map<string, Near>();
  for (const miss of answers.flatMap(missesIn)) {
    const detail = miss.trigger ? triggerDetail(miss.trigger, names) : null;
    const what = tOr(`rules.near.${miss.result}`, miss.result);
    found.set(`missed ${miss.at}`, { at: miss.at, kind: "missed", text: [detail, what].filter(Boolean).join(" – ") });
  }
  for (const run of runs) {
    found.set(`ran ${run.started_at}`, {
      at: run.started_at,
      kind: "ran",
      text: tOr(`rules.phase.${run.phase}`, run.phase),
    });
  }
  return [...found.values()].sort((a, b) => b.at.localeCompare(a.at));
}

/** What came to nothing, in an answer. A run is none. */
export function missesIn(why: WhyNot): NearMiss[] {
  const near = why.triggers.flatMap(({ last_near }) => last_near ?? []);
  return [...why.misses, ...near].filter(({ run }) => !run);
}

/** How often the hub is asked for the line of a day: each near miss while there is time for that, then in strides. */
export const MOST_ASKED = 24;
const EACH = 12;

/** At which moment to ask next for what was before; null = nothing more is known, or it was before `since`. `asked`: how
 *  often the hub was asked already. */
export function askBefore(why: WhyNot, since: number, asked: number): string | null {
  const moment = Date.parse(why.at);
  const near = [...why.misses, ...why.triggers.flatMap(({ last_near }) => last_near ?? [])];
  const earlier = near.map(({ at }) => Date.parse(at)).filter((time) => time < moment);
  if (earlier.length === 0 || asked >= MOST_ASKED) return null;
  const stride = asked < EACH ? 0 : (moment - since) / (MOST_ASKED - asked);
  const next = Math.min(...earlier.map((time) => time - 1000), moment - stride);
  return next > since ? new Date(next).toISOString() : null;
}
