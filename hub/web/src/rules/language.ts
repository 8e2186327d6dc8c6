/** The language of rules as a table: each kind of node, its keys, and what may stand there. The builder is drawn from it. */
import type { IconName } from "../design/icons";
import type { Json } from "./path";

/** Lists of nodes, by what they hold. */
export type Group =
  "trigger" | "condition" | "action" | "choice" | "branch" | "test" | "happening" | "effect" | "situation";

/** What a field holds, which is what its control is chosen by. */
export type FieldKind =
  | Group
  | "devices"
  | "attribute"
  | "endpoint"
  | "value"
  | "values"
  | "bound"
  | "set"
  | "duration"
  | "offset"
  | "time"
  | "times"
  | "date_time"
  | "weekdays"
  | "sun"
  | "people"
  | "person"
  | "place"
  | "places"
  | "mode"
  | "modes"
  | "availability"
  | "scene"
  | "rule"
  | "recipient"
  | "recipients"
  | "template"
  | "line"
  | "webhook"
  | "cron"
  | "expression"
  | "count"
  | "word"
  | "whereabouts";

export interface Field {
  key: string;
  holds: FieldKind;
  /** It is shown though it is not there: without it the node says nothing. */
  needed?: boolean;
  /** It is shown only where it is there: another place for the same is offered in its stead. */
  old?: boolean;
  /** The words it may be. */
  words?: readonly string[];
  /** Which attributes fit. */
  of?: Use;
}

/** What an attribute is wanted for. */
export type Use = "state" | "number" | "event" | "write" | "switch";

export interface Kind {
  /** What people look for: `rule.kind.GROUP.NAME` is its name. */
  name: string;
  icon: IconName;
  /** The key that says what it is, with its fields below. None = its fields stand in the node itself. */
  word?: string;
  /** Where there is no word: the keys by which it is known. */
  signs?: readonly string[];
  fields?: readonly Field[];
  /** What may stand under the word in place of a mapping; in the mapping it is under the field's key. */
  plain?: Field;
  /** What may stand beside the word. */
  beside?: readonly Field[];
  /** New ones, as they are added. */
  fresh: Json;
}

const device: Field = { key: "device", holds: "devices", needed: true };
const endpoint: Field = { key: "endpoint", holds: "endpoint" };
const attribute = (of: Use): Field => ({ key: "attribute", holds: "attribute", needed: true, of });
const hold: Field = { key: "for", holds: "duration" };
const weekdays: Field = { key: "weekdays", holds: "weekdays" };
const transition: Field = { key: "transition", holds: "duration" };
const above: Field = { key: "above", holds: "bound" };
const below: Field = { key: "below", holds: "bound" };
const people: Field = { key: "person", holds: "people", needed: true };
const steps = (key: string): Field => ({ key, holds: "action", needed: true });
const conditions = (key: string): Field => ({ key, holds: "condition", needed: true });

const TRIGGER_ID: Field = { key: "id", holds: "line" };
const AFTER: Field = { key: "after", holds: "duration" };

export const SUN_EVENTS = ["sunrise", "sunset"] as const;
export const AVAILABILITIES = ["online", "offline", "unknown"] as const;
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const TYPES = ["light", "switch", "cover", "lock", "thermostat", "fan", "sensor", "remote"] as const;
export const RUN_MODES = ["single", "restart", "queued", "parallel"] as const;
export const CATCH_UP = ["skip", "run_once"] as const;

export const KINDS: Record<Group, readonly Kind[]> = {
  trigger: [
    {
      name: "state",
      icon: "sensor",
      word: "state",
      fields: [
        device,
        endpoint,
        attribute("state"),
        { key: "from", holds: "values" },
        { key: "to", holds: "values", needed: true },
        hold,
      ],
      fresh: { state: {} },
    },
    {
      name: "numeric",
      icon: "heat",
      word: "numeric",
      fields: [device, endpoint, attribute("number"), { ...above, needed: true }, { ...below, needed: true }, hold],
      fresh: { numeric: {} },
    },
    {
      name: "event",
      icon: "remote",
      word: "event",
      fields: [device, endpoint, attribute("event"), { key: "is", holds: "values", needed: true }],
      fresh: { event: {} },
    },
    {
      name: "time",
      icon: "history",
      word: "time",
      fields: [
        { key: "at", holds: "times", needed: true },
        { ...weekdays, old: true },
      ],
      plain: { key: "at", holds: "times", needed: true },
      beside: [weekdays],
      fresh: { time: "07:30" },
    },
    {
      name: "sun",
      icon: "light",
      word: "sun",
      fields: [
        { key: "event", holds: "sun", needed: true },
        { key: "offset", holds: "offset", needed: true },
        { ...weekdays, old: true },
      ],
      plain: { key: "event", holds: "sun", needed: true },
      beside: [weekdays],
      fresh: { sun: { event: "sunset" } },
    },
    {
      name: "presence",
      icon: "people",
      word: "presence",
      fields: [people, { key: "from", holds: "place" }, { key: "to", holds: "place", needed: true }, hold],
      fresh: { presence: { anyone: true, to: "home" } },
    },
    {
      name: "mode",
      icon: "home",
      word: "mode",
      fields: [{ key: "from", holds: "modes" }, { key: "to", holds: "modes", needed: true }, hold],
      plain: { key: "to", holds: "modes", needed: true },
      fresh: { mode: {} },
    },
    {
      name: "every",
      icon: "history",
      word: "every",
      plain: { key: "", holds: "duration", needed: true },
      fresh: { every: "15m" },
    },
    {
      name: "availability",
      icon: "offline",
      word: "availability",
      fields: [
        device,
        { key: "from", holds: "availability" },
        { key: "to", holds: "availability", needed: true },
        hold,
      ],
      fresh: { availability: { to: "offline" } },
    },
    {
      name: "cron",
      icon: "history",
      word: "cron",
      plain: { key: "", holds: "cron", needed: true },
      fresh: { cron: "0 7 * * mon-fri" },
    },
    { name: "start", icon: "radio", word: "start", fields: [], fresh: { start: {} } },
    {
      name: "webhook",
      icon: "next",
      word: "webhook",
      fields: [{ key: "id", holds: "webhook", needed: true }],
      plain: { key: "id", holds: "webhook", needed: true },
      fresh: { webhook: {} },
    },
  ],
  condition: [
    {
      name: "state",
      icon: "sensor",
      word: "state",
      fields: [device, endpoint, attribute("state"), { key: "is", holds: "values", needed: true }, hold],
      fresh: { state: {} },
    },
    {
      name: "numeric",
      icon: "heat",
      word: "numeric",
      fields: [device, endpoint, attribute("number"), { ...above, needed: true }, { ...below, needed: true }],
      fresh: { numeric: {} },
    },
    {
      name: "time",
      icon: "history",
      word: "time",
      fields: [{ key: "after", holds: "time", needed: true }, { key: "before", holds: "time", needed: true }, weekdays],
      fresh: { time: { after: "22:00", before: "06:00" } },
    },
    {
      name: "sun",
      icon: "light",
      word: "sun",
      fields: [
        { key: "after", holds: "sun", needed: true },
        { key: "after_offset", holds: "offset" },
        { key: "before", holds: "sun", needed: true },
        { key: "before_offset", holds: "offset" },
      ],
      fresh: { sun: { after: "sunset", before: "sunrise" } },
    },
    {
      name: "presence",
      icon: "people",
      word: "presence",
      fields: [people, { key: "is", holds: "places", needed: true }, hold],
      fresh: { presence: { anyone: true, is: "home" } },
    },
    {
      name: "mode",
      icon: "home",
      word: "mode",
      fields: [{ key: "is", holds: "modes", needed: true }],
      plain: { key: "is", holds: "modes", needed: true },
      fresh: { mode: {} },
    },
    {
      name: "availability",
      icon: "offline",
      word: "availability",
      fields: [device, { key: "is", holds: "availability", needed: true }],
      fresh: { availability: { is: "online" } },
    },
    { name: "and", icon: "check", word: "and", plain: conditions(""), fresh: { and: [] } },
    { name: "or", icon: "check", word: "or", plain: conditions(""), fresh: { or: [] } },
    { name: "not", icon: "check", word: "not", plain: conditions(""), fresh: { not: [] } },
    {
      name: "if",
      icon: "rules",
      word: "if",
      plain: { key: "", holds: "expression", needed: true },
      fresh: { if: "" },
    },
  ],
  action: [
    {
      name: "command",
      icon: "light",
      word: "command",
      fields: [
        device,
        endpoint,
        { key: "set", holds: "set", needed: true },
        transition,
        { key: "ttl", holds: "duration" },
      ],
      fresh: { command: {} },
    },
    {
      name: "toggle",
      icon: "plug",
      word: "toggle",
      fields: [device, endpoint, { key: "attribute", holds: "attribute", of: "switch" }, transition],
      fresh: { toggle: {} },
    },
    {
      name: "scene",
      icon: "scene",
      word: "scene",
      fields: [{ key: "name", holds: "scene", needed: true }, transition],
      plain: { key: "name", holds: "scene", needed: true },
      fresh: { scene: "" },
    },
    {
      name: "delay",
      icon: "history",
      word: "delay",
      plain: { key: "", holds: "duration", needed: true },
      fresh: { delay: "5m" },
    },
    {
      name: "wait_for",
      icon: "history",
      word: "wait_for",
      plain: { key: "", holds: "trigger", needed: true },
      beside: [
        { key: "timeout", holds: "duration", needed: true },
        { key: "on_timeout", holds: "word", words: ["continue", "stop"] },
      ],
      fresh: { wait_for: [] },
    },
    {
      name: "notify",
      icon: "bell",
      word: "notify",
      fields: [
        { key: "to", holds: "recipients", needed: true },
        { key: "title", holds: "line" },
        { key: "message", holds: "template", needed: true },
        { key: "severity", holds: "word", words: ["info", "warning", "error", "critical"] },
      ],
      plain: { key: "message", holds: "template", needed: true },
      fresh: { notify: { message: "" } },
    },
    {
      name: "set_mode",
      icon: "home",
      word: "set_mode",
      plain: { key: "", holds: "mode", needed: true },
      fresh: { set_mode: "" },
    },
    {
      name: "if",
      icon: "rules",
      word: "if",
      plain: conditions(""),
      beside: [steps("then"), { key: "else", holds: "action" }],
      fresh: { if: [], then: [] },
    },
    {
      name: "choose",
      icon: "rules",
      word: "choose",
      plain: { key: "", holds: "choice", needed: true },
      beside: [{ key: "else", holds: "action" }],
      fresh: { choose: [{ if: [], do: [] }] },
    },
    {
      name: "repeat",
      icon: "history",
      word: "repeat",
      fields: [{ key: "times", holds: "count" }, { key: "while", holds: "condition" }, steps("do")],
      fresh: { repeat: { times: 2, do: [] } },
    },
    {
      name: "parallel",
      icon: "rules",
      word: "parallel",
      plain: { key: "", holds: "branch", needed: true },
      fresh: { parallel: [[], []] },
    },
    {
      name: "run",
      icon: "rules",
      word: "run",
      plain: { key: "", holds: "rule", needed: true },
      fresh: { run: "" },
    },
    {
      name: "stop",
      icon: "warning",
      word: "stop",
      plain: { key: "", holds: "line", needed: true },
      fresh: { stop: "" },
    },
  ],
  choice: [
    {
      name: "choice",
      icon: "rules",
      signs: ["if"],
      fields: [conditions("if"), steps("do")],
      fresh: { if: [], do: [] },
    },
  ],
  branch: [
    { name: "branch", icon: "rules", signs: ["do"], fields: [steps("do")], fresh: { do: [] } },
    // Steps without a mapping around them.
    { name: "steps", icon: "rules", signs: [], plain: { key: "", holds: "action", needed: true }, fresh: [] },
  ],
  test: [
    {
      name: "test",
      icon: "check",
      signs: [],
      fields: [
        { key: "name", holds: "line", needed: true },
        { key: "given", holds: "situation" },
        { key: "when", holds: "happening", needed: true },
        { key: "then", holds: "effect", needed: true },
      ],
      fresh: { name: "", when: [], then: [] },
    },
  ],
  situation: [
    {
      name: "situation",
      icon: "home",
      signs: [],
      fields: [
        { key: "time", holds: "date_time", needed: true },
        { key: "mode", holds: "mode" },
        { key: "presence", holds: "whereabouts" },
        { key: "states", holds: "happening" },
      ],
      fresh: {},
    },
  ],
  happening: [
    {
      name: "availability",
      icon: "offline",
      signs: ["device", "availability"],
      fields: [AFTER, device, { key: "availability", holds: "availability", needed: true }],
      fresh: { device: "", availability: "offline" },
    },
    {
      name: "event",
      icon: "remote",
      signs: ["device", "event"],
      fields: [
        AFTER,
        device,
        endpoint,
        { key: "event", holds: "attribute", needed: true, of: "event" },
        { key: "value", holds: "value", needed: true },
      ],
      fresh: { device: "", event: "action", value: "single" },
    },
    {
      name: "report",
      icon: "sensor",
      signs: ["device"],
      fields: [AFTER, device, endpoint, attribute("state"), { key: "value", holds: "value", needed: true }],
      fresh: { device: "", attribute: "" },
    },
    {
      name: "presence",
      icon: "people",
      signs: ["person"],
      fields: [
        AFTER,
        { key: "person", holds: "person", needed: true },
        { key: "presence", holds: "place", needed: true },
      ],
      fresh: { person: "", presence: "home" },
    },
    {
      name: "mode",
      icon: "home",
      signs: ["mode"],
      fields: [AFTER, { key: "mode", holds: "mode", needed: true }],
      fresh: { mode: "home" },
    },
    {
      name: "webhook",
      icon: "next",
      signs: ["webhook"],
      fields: [AFTER, { key: "webhook", holds: "webhook", needed: true }],
      fresh: { webhook: "" },
    },
    {
      name: "down",
      icon: "radio",
      signs: ["down"],
      fields: [AFTER, { key: "down", holds: "duration", needed: true }],
      fresh: { down: "10m" },
    },
    { name: "wait", icon: "history", signs: ["after"], fields: [AFTER], fresh: { after: "10m" } },
  ],
  effect: [
    {
      name: "command",
      icon: "light",
      signs: ["device"],
      fields: [device, endpoint, { key: "set", holds: "set", needed: true }],
      fresh: { device: "", set: {} },
    },
    {
      name: "scene",
      icon: "scene",
      signs: ["scene"],
      fields: [{ key: "scene", holds: "scene", needed: true }],
      fresh: { scene: "" },
    },
    {
      name: "notify",
      icon: "bell",
      signs: ["notify"],
      fields: [{ key: "notify", holds: "recipient", needed: true }],
      fresh: { notify: true },
    },
    {
      name: "set_mode",
      icon: "home",
      signs: ["set_mode"],
      fields: [{ key: "set_mode", holds: "mode", needed: true }],
      fresh: { set_mode: "home" },
    },
  ],
};

/** The keys of a rule, in the order in which they are written. */
export const RULE_KEYS = [
  "id",
  "name",
  "note",
  "enabled",
  "mode",
  "catch_up",
  "priority",
  "variables",
  "triggers",
  "conditions",
  "actions",
  "tests",
] as const;

/** The lists of a rule. */
export const LISTS: readonly { key: string; group: Group }[] = [
  { key: "triggers", group: "trigger" },
  { key: "conditions", group: "condition" },
  { key: "actions", group: "action" },
  { key: "tests", group: "test" },
];

/** What may stand beside every trigger. */
export const BESIDE_TRIGGERS: readonly Field[] = [TRIGGER_ID];

const GROUPS: readonly string[] = Object.keys(KINDS);

/** Whether a field is a list of nodes. */
export function isGroup(holds: FieldKind): holds is Group {
  return GROUPS.includes(holds);
}
