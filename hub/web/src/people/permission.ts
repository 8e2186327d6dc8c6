/** Rules of permission in plain words, and what a page makes of the hub's verdicts. */
import type { Device, PermissionRule, Verdict } from "../api/words";
import { attributeName, human } from "../format/value";
import { moment } from "../format/time";
import { locale, t, tOr } from "../language/language.svelte";

export const ACTIONS = ["see", "control", "configure"] as const;
export type Action = (typeof ACTIONS)[number];

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** What devices are for, as rules name it. */
export const TYPES = [
  "light",
  "switch",
  "cover",
  "thermostat",
  "fan",
  "media",
  "sensor",
  "remote",
  "lock",
  "garage_door",
  "alarm",
  "camera",
  "valve",
] as const;

/** Parts of the hub that are worth a rule of their own. */
export const PARTS = [
  "scenes",
  "rules",
  "mode",
  "history",
  "why",
  "energy",
  "alerts",
  "presence",
  "people",
  "home",
  "areas",
  "drivers",
  "network",
  "backups",
] as const;

export interface Names {
  person(id: string): string;
  device(id: string): string;
  area(id: string): string;
  role(role: string): string;
}

export const typeName = (type: string) => tOr(`permission.type.${type}`, human(type));
export const partName = (part: string) => tOr(`permission.part.${part}`, human(part));
export const actionName = (action: string) => tOr(`permission.action.${action}`, action);

/** 2026-01-05 was a Monday. */
export function weekdayName(day: string, style: "long" | "short" = "short"): string {
  const at = Date.UTC(2026, 0, 5 + WEEKDAYS.indexOf(day as (typeof WEEKDAYS)[number]), 12);
  return new Intl.DateTimeFormat(locale(), { weekday: style, timeZone: "UTC" }).format(at);
}

export function list(words: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(locale(), { type }).format(words);
}

export function whoText({ who }: Pick<PermissionRule, "who">, names: Names): string {
  return who.person ? names.person(who.person) : t(`permission.all.${who.role ?? "child"}` as never);
}

/** Nobody reads a dozen names of what devices can: the first ones tell what it is about. */
function fewOf(words: string[]): string {
  if (words.length <= 4) return list(words);
  return t("permission.and_more", { attributes: words.slice(0, 3).join(", "), count: words.length - 3 });
}

/** With what: «lights and covers in Anna's room». */
export function whatText({ what }: Pick<PermissionRule, "what">, names: Names): string {
  const things = [
    ...(what?.devices ?? []).map(names.device),
    ...(what?.types ?? []).map(typeName),
    ...(what?.parts ?? []).map(partName),
  ];
  const attributes = (what?.capabilities ?? []).map(attributeName);
  const areas = (what?.areas ?? []).map(names.area);
  const isEmpty = things.length + attributes.length + areas.length === 0;
  if (isEmpty) return t("permission.everything");
  const subject = list(things);
  const quoted = fewOf(attributes.map((what) => t("permission.quoted", { what })));
  const where = areas.length > 0 ? t("permission.in_areas", { where: list(areas) }) : "";
  if (attributes.length === 0) return [subject || t("permission.all_devices"), where].filter(Boolean).join(" ");
  if (subject)
    return [t("permission.attributes_of", { attributes: quoted, what: subject }), where].filter(Boolean).join(" ");
  return where
    ? `${quoted} ${where}`
    : t("permission.attributes_of", { attributes: quoted, what: t("permission.all_devices") });
}

/** The conditions of a rule, each in a few words. */
export function conditions(rule: PermissionRule, names: Names, zone?: string): string[] {
  const said: string[] = [];
  const { when, limits, daily, until } = rule;
  if (when?.from || when?.to) {
    said.push(t("permission.between", { from: when.from ?? "00:00", to: when.to ?? "24:00" }));
  }
  if (when?.weekdays?.length)
    said.push(t("permission.on_days", { days: list(when.weekdays.map((day) => weekdayName(day))) }));
  for (const [attribute, limit] of Object.entries((limits ?? {}) as Record<string, { min?: number; max?: number }>)) {
    const what = attributeName(attribute);
    const { min, max } = limit;
    if (min !== undefined && max !== undefined) said.push(t("permission.from_to", { what, min, max }));
    else if (min !== undefined) said.push(t("permission.at_least", { what, min }));
    else if (max !== undefined) said.push(t("permission.at_most", { what, max }));
  }
  if (rule.only_while_home?.length) {
    const who = rule.only_while_home.map((one) => (one.startsWith("user-") ? names.person(one) : names.role(one)));
    said.push(t("permission.while_home", { who: list(who, "disjunction") }));
  }
  if (daily) said.push(t("permission.minutes_a_day", { count: daily.minutes }));
  if (rule.approval) said.push(t("permission.asks"));
  if (rule.pin) said.push(t("permission.with_pin"));
  if (until) said.push(t("permission.until", { at: moment(until, zone) }));
  return said;
}

/** A rule as a sentence: «may see and control lights in Anna's room». */
export function ruleText(rule: PermissionRule, names: Names): string {
  return t("permission.may", {
    actions: list(ACTIONS.filter((action) => rule.allow.includes(action)).map(actionName)),
    what: whatText(rule, names),
  });
}

/** How far somebody may go with one thing. */
export const LEVELS = ["none", "see", "ask", "control", "configure"] as const;
export type Level = (typeof LEVELS)[number];

export interface Verdicts {
  see: Verdict;
  control: Verdict;
  configure: Verdict;
}

export function level({ see, control, configure }: Verdicts): Level {
  if (configure.allowed) return "configure";
  if (control.allowed) return "control";
  if (control.approvable) return "ask";
  return see.allowed ? "see" : "none";
}

/** Of several things: the furthest, for how many of them, and whether all the same. */
export function together(levels: Level[]): { level: Level; count: number; of: number } {
  const furthest = levels.reduce<Level>((a, b) => (LEVELS.indexOf(b) > LEVELS.indexOf(a) ? b : a), "none");
  return { level: furthest, count: levels.filter((one) => one === furthest).length, of: levels.length };
}

/** Whether what a rule allows holds only under conditions, so that a cell says so. */
export function isConditional(rule: PermissionRule | undefined): boolean {
  if (!rule) return false;
  const { when, limits, daily, until, pin, approval, only_while_home: home } = rule;
  return [when, limits, daily, until, pin, approval, home?.length].some(Boolean);
}

/** Of what type a device is in the rules: what its endpoints can. */
export function typesOf(device: Device): string[] {
  const types = new Set(device.endpoints.flatMap(({ capabilities }) => capabilities ?? []));
  return TYPES.filter((type) => types.has(type));
}

/** The columns of the matrix: devices by what they are for. A device stands in the first that fits. */
export function byType(devices: Device[]): { id: string; devices: Device[] }[] {
  const columns = TYPES.map((type) => ({ id: type as string, devices: [] as Device[] }));
  const others = { id: "other", devices: [] as Device[] };
  for (const device of devices) {
    const type = typesOf(device)[0];
    (columns.find(({ id }) => id === type) ?? others).devices.push(device);
  }
  return [...columns, others].filter((column) => column.devices.length > 0);
}

/** What a form has made of a rule, without what is empty: that would be a condition for some, and none for others. */
export function tidied(rule: PermissionRule): PermissionRule {
  const filled = <T extends object>(thing: T | null | undefined): T | undefined => {
    const entries = Object.entries(thing ?? {}).filter(
      ([, value]) =>
        value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    );
    return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
  };
  const allowsControl = rule.allow.includes("control");
  const acts = allowsControl || rule.allow.includes("configure");
  return filled({
    ...rule,
    what: filled(rule.what),
    when: filled(rule.when),
    limits: allowsControl ? filled(rule.limits as object | undefined) : undefined,
    daily: allowsControl ? rule.daily : undefined,
    approval: acts && rule.approval ? true : undefined,
    pin: acts && rule.pin ? true : undefined,
  }) as PermissionRule;
}
