/** What a run did, step by step, in words and with times: what the picture of a run is drawn from. */
import type { AutomationRun, TraceAction, TraceCondition, TraceTrigger } from "../api/words";
import { t, tOr } from "../language/language.svelte";
import { placeWords } from "../language/place";
import { setText } from "./describe/actions";
import { durationText, lengthText, milliseconds } from "./describe/duration";
import { modeText, type Names } from "./describe/names";
import { at, isMapping, nodeAt } from "./describe/node";
import { conditionAt, lineAt, type Outline } from "./describe/outline";
import { oneValue } from "./describe/value";

export type StepKind = "trigger" | "condition" | "decision" | "action" | "wait" | "end";

export interface TraceStep {
  kind: StepKind;
  /** Where it stands in the rule; null = nowhere. */
  path: string | null;
  text: string;
  /** The value that was seen, or how long it took. */
  detail: string | null;
  /** The same in the words of the hub, where the app has none. */
  own: string | null;
  /** Whether it held, or went well; null = neither. */
  good: boolean | null;
  /** When, as far as that can be told. */
  at: string | null;
  /** Of a command: what became of it can be asked for. */
  command: { device: string; attribute: string } | null;
}

/** What was known of the rule when it ran. */
export interface Told {
  document: unknown;
  outline: Outline;
  names: Names;
}

export function traceOf(run: AutomationRun, told: Told): TraceStep[] {
  const times = timesOf(run);
  const rest = run.conditions.filter(({ path }) => !path.includes(".wait_for"));
  const take = (prefix: string) => takeFrom(rest, prefix).map((one) => conditionStep(one, told));
  const steps = [triggerStep(run.trigger, run.started_at, told), ...take("conditions")];
  const asked = new Map<string, number>();
  run.actions.forEach((action, index) => {
    const choice = asked.get(action.path) ?? 0;
    if ("holds" in action) asked.set(action.path, choice + 1);
    const prefix = prefixOf(action, choice, told);
    steps.push(...take(prefix), actionStep(action, index, prefix, run, times, told));
  });
  steps.push(...take(""));
  const end = endStep(run);
  return end ? [...steps, end] : steps;
}

/** Takes those of a place out of the list. */
function takeFrom(conditions: TraceCondition[], prefix: string): TraceCondition[] {
  const found = conditions.filter(({ path }) => path.startsWith(prefix));
  for (const one of found) conditions.splice(conditions.indexOf(one), 1);
  return found;
}

/** Where the conditions stand that a step asked. */
function prefixOf(action: TraceAction, choice: number, { document }: Told): string {
  if (!("holds" in action)) return `${action.path}.`;
  const isChoice = at(nodeAt(document, action.path), "choose") !== undefined;
  return isChoice ? `${action.path}.choose[${choice}].if` : `${action.path}.if`;
}

const step = (kind: StepKind, text: string, more: Partial<TraceStep> = {}): TraceStep => ({
  kind,
  path: null,
  text,
  detail: null,
  own: null,
  good: null,
  at: null,
  command: null,
  ...more,
});

export function triggerStep(trigger: TraceTrigger, startedAt: string, told: Told): TraceStep {
  const line = trigger.path ? lineAt(told.outline, trigger.path) : null;
  const text = trigger.automation
    ? t("rules.ran_by", { rule: told.names.rule(trigger.automation) })
    : line
      ? t("rules.when", { text: line.text })
      : tOr(`rules.trigger.${trigger.kind}`, trigger.kind);
  return step("trigger", text, {
    path: trigger.path ?? null,
    detail: triggerDetail(trigger, told.names),
    at: trigger.at ?? startedAt,
  });
}

/** «Front door: Closed → Open». */
export function triggerDetail(trigger: TraceTrigger, names: Names): string | null {
  const { device, attribute, person } = trigger;
  const value = (one: unknown) =>
    attribute ? oneValue(names.shape(device ?? null, attribute), one, names) : plainText(one);
  const about = device ? names.device(device) : person ? names.person(person) : null;
  const what =
    trigger.to !== undefined && trigger.from !== undefined
      ? `${value(trigger.from)} → ${value(trigger.to)}`
      : trigger.to !== undefined
        ? value(trigger.to)
        : trigger.value !== undefined
          ? value(trigger.value)
          : null;
  const words = [about, what].filter((one) => one !== null).join(": ");
  const restored = trigger.source === "restored" ? t("rules.restored") : "";
  return [words, restored].filter(Boolean).join(", ") || null;
}

function plainText(value: unknown): string {
  if (value === null || value === undefined) return t("rules.unknown");
  if (typeof value === "boolean") return tOr(`value.${value}`, String(value));
  return typeof value === "string" ? tOr(`rules.home_mode.${value}`, value) : String(value);
}

export function conditionStep(condition: TraceCondition, told: Told): TraceStep {
  const { path, device, attribute } = condition;
  const inverted = (path.match(/\.not\b/g) ?? []).length % 2 === 1;
  const words = conditionAt(told.document, path, told.names) ?? path;
  const value =
    device && attribute
      ? oneValue(told.names.shape(device, attribute), condition.value, told.names)
      : plainText(condition.value);
  return step("condition", t("rules.if", { text: inverted ? t("rules.not", { text: words }) : words }), {
    path,
    detail: t("rules.it_was", { value }),
    good: condition.as_wanted !== inverted,
  });
}

function actionStep(
  action: TraceAction,
  index: number,
  prefix: string,
  run: AutomationRun,
  times: Times,
  told: Told,
): TraceStep {
  const begin = times.begin[index] ?? null;
  const more = { path: action.path, at: begin };
  const facts = action as TraceAction & Record<string, unknown>;
  if (facts["failed"] !== undefined) {
    const text = lineAt(told.outline, action.path)?.text ?? placeWords(action.path);
    return step("action", text, { ...more, own: plainText(facts["failed"]), good: false });
  }
  if (typeof facts["holds"] === "boolean") {
    const words = conditionAt(told.document, prefix, told.names);
    const key = facts["holds"] ? "rules.held" : "rules.held_not";
    return step("decision", words ? t("rules.if", { text: words }) : t(key), {
      ...more,
      detail: words ? t(key) : null,
    });
  }
  if (facts["delay"] !== undefined) {
    return step("wait", t("rules.delay", { duration: durationText(facts["delay"]) }), more);
  }
  if (facts["waits"] !== undefined || facts["held_since"] !== undefined) {
    const text = lineAt(told.outline, action.path)?.text ?? t("rules.waited");
    return step("wait", text, { ...more, detail: waitDetail(facts, index, run, times) });
  }
  return step("action", deedText(facts, told), { ...more, command: commandOf(action) });
}

function waitDetail(facts: Record<string, unknown>, index: number, run: AutomationRun, times: Times): string | null {
  if (facts["held_since"] !== undefined) return t("rules.held_already");
  const [begin, end] = [times.begin[index], times.end[index]];
  if (begin && end) return t("rules.took", { duration: lengthText(Date.parse(end) - Date.parse(begin)) });
  return isUnderWay(run) && index === run.actions.length - 1 ? t("rules.waits_still") : null;
}

function deedText(facts: Record<string, unknown>, { names, outline }: Told): string {
  if (typeof facts["device"] === "string") {
    return setText(names.device(facts["device"]), facts["device"], facts["set"], names);
  }
  if (typeof facts["scene"] === "string") return t("rules.scene", { scene: names.scene(facts["scene"]) });
  if (facts["set_mode"] !== undefined) return t("rules.set_mode", { mode: modeText(facts["set_mode"]) });
  if (facts["notify"] !== undefined) return t("rules.said", { message: plainText(facts["notify"]) });
  if (typeof facts["run"] === "string") return t("rules.run_rule", { rule: names.rule(facts["run"]) });
  return lineAt(outline, String(facts["path"]))?.text ?? placeWords(String(facts["path"]));
}

function commandOf({ device, set }: TraceAction): TraceStep["command"] {
  const attribute = isMapping(set) ? (Object.hasOwn(set, "on") ? "on" : Object.keys(set)[0]) : undefined;
  return device && attribute ? { device, attribute } : null;
}

export function isUnderWay({ phase, ended_at }: AutomationRun): boolean {
  return !ended_at && (phase === "waiting" || phase === "queued");
}

function endStep(run: AutomationRun): TraceStep | null {
  if (isUnderWay(run)) return null;
  const text = tOr(`rules.phase.${run.phase}`, run.phase);
  const good = run.phase === "failed" || run.phase === "fuse" ? false : null;
  return step("end", text, { own: run.detail ?? null, good, at: run.ended_at ?? null });
}

export interface Times {
  begin: (string | null)[];
  end: (string | null)[];
}

/** When each step was: the hub says when a run began and ended, and how long delays were. From both ends as far as that
 *  leads; behind a wait, and where things go side by side, it is not known from that end. */
export function timesOf(run: AutomationRun): Times {
  const begin: (string | null)[] = run.actions.map(() => null);
  const end: (string | null)[] = run.actions.map(() => null);
  const text = (time: number) => new Date(time).toISOString();
  const written = run.actions.map(({ path, ...facts }) => lengthOf(path, facts));
  const lengths = isAsWritten(run, written) ? written : written.map((length) => (length ? null : length));
  let time: number | null = Date.parse(run.started_at);
  for (const [index, length] of lengths.entries()) {
    if (time === null) break;
    begin[index] = text(time);
    time = length === null ? null : time + length;
    if (time !== null) end[index] = text(time);
  }
  time = run.ended_at ? Date.parse(run.ended_at) : null;
  for (let index = lengths.length - 1; index >= 0 && time !== null; index -= 1) {
    end[index] ??= text(time);
    const length = lengths[index] ?? null;
    time = length === null ? null : time - length;
    if (time !== null) begin[index] ??= text(time);
  }
  return { begin, end };
}

/** How far the end may lie behind what the delays come to. */
const SLACK = 2000;

/** Delays that a stop of the hub fell into took longer than they say. */
function isAsWritten({ started_at, ended_at }: AutomationRun, lengths: (number | null)[]): boolean {
  if (!ended_at || lengths.includes(null)) return true;
  const sum = lengths.reduce<number>((all, length) => all + (length ?? 0), 0);
  return Date.parse(ended_at) - Date.parse(started_at) - sum < SLACK;
}

/** How long a step takes; null = that is not known. */
function lengthOf(path: string, facts: unknown): number | null {
  if (at(facts, "waits") !== undefined) return null;
  const delay = milliseconds(at(facts, "delay")) ?? 0;
  return delay > 0 && path.includes(".parallel[") ? null : delay;
}

/** Until when a run waits at most, if its last step is a wait with an end. */
export function waitsUntil(run: AutomationRun, { document }: Told): string | null {
  const last = run.actions.at(-1) as (TraceAction & Record<string, unknown>) | undefined;
  if (!last || !isUnderWay(run)) return null;
  const begun = timesOf(run).begin.at(-1);
  const length = milliseconds(last["delay"]) ?? milliseconds(at(nodeAt(document, last.path), "timeout"));
  return begun && length !== null ? new Date(Date.parse(begun) + length).toISOString() : null;
}
