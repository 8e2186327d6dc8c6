/** Parts of sentences about rules: devices, values, times, people and places in words. */
import { attributeName, human, numberText, valueText } from "../format/value";
import { units } from "../home/preferences.svelte";
import { locale, t, tOr } from "../language/language.svelte";
import { readDuration, readOffset } from "./duration";
import { ruleHome } from "./home.svelte";
import { WEEKDAYS } from "./language";
import { isMapping, type Json } from "./path";

/** What stands in a sentence where nothing was chosen yet. */
export const GAP = "…";

export function listed(parts: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return parts.length === 0 ? GAP : new Intl.ListFormat(locale(), { type }).format(parts);
}

export const each = (value: Json | undefined): Json[] =>
  value === undefined || value === "" ? [] : Array.isArray(value) ? value : [value];

const text = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

export function devicesText(named: Json | undefined, type: "conjunction" | "disjunction" = "conjunction"): string {
  if (isMapping(named)) {
    const kind = typeof named["type"] === "string" ? named["type"] : null;
    const what = kind ? tOr(`rule.type.${kind}`, human(kind)) : t("rule.all_devices");
    const isAny = type === "disjunction";
    if (typeof named["area"] !== "string") return t(isAny ? "rule.any_of" : "rule.all_of", { what });
    return t(isAny ? "rule.any_in" : "rule.all_in", { what, area: ruleHome.areaName(named["area"]) });
  }
  const names = each(named).map((name) => ruleHome.device(text(name))?.name ?? text(name));
  return listed(names, type);
}

/** «Hallway motion → Motion». */
export function attributeText(
  devices: Json | undefined,
  attribute: Json | undefined,
  endpoint: Json | undefined,
  type: "conjunction" | "disjunction",
): string {
  const where = endpoint === undefined ? "" : ` (${text(endpoint)})`;
  const name = typeof attribute === "string" && attribute !== "" ? attributeName(attribute) : GAP;
  return `${devicesText(devices, type)}${where} → ${name}`;
}

/** A value of an attribute of devices. */
export function valueWords(devices: Json | undefined, name: string, endpoint: Json | undefined, value: Json): string {
  if (value === null) return t("rule.unknown_value");
  const attribute = ruleHome.attribute(devices, name, endpoint);
  if (typeof value === "string" && (attribute?.kind === "number" || value.includes("{{"))) return value;
  return valueText(attribute ?? { name, kind: typeof value === "string" ? "enum" : "number" }, value, units());
}

export function valuesWords(
  devices: Json | undefined,
  name: string,
  endpoint: Json | undefined,
  value: Json | undefined,
): string {
  return listed(
    each(value).map((one) => valueWords(devices, name, endpoint, one)),
    "disjunction",
  );
}

/** Whether the words for these values say by themselves what they are of: «Open», «No motion». */
export function saysAll(attribute: Json | undefined, values: Json | undefined): boolean {
  const all = each(values);
  return (
    all.length > 0 &&
    all.every((value) => typeof value === "boolean" && tOr(`value.${text(attribute ?? "")}.${value}`, "") !== "")
  );
}

/** What a command sets: «On, Brightness 40 %». A word that says all by itself stands alone. */
export function settingsText(devices: Json | undefined, endpoint: Json | undefined, set: Json | undefined): string {
  if (!isMapping(set)) return GAP;
  const parts = Object.entries(set)
    .filter(([name]) => name !== "note")
    .map(([name, value]) => {
      const words = valueWords(devices, name, endpoint, value);
      return saysAll(name, value) ? words : `${attributeName(name)} ${words}`;
    });
  return parts.length === 0 ? GAP : parts.join(", ");
}

const LENGTHS: [unit: string, milliseconds: number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
];

export function lengthText(milliseconds: number): string {
  let rest = Math.abs(milliseconds);
  const parts: string[] = [];
  for (const [unit, length] of LENGTHS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0)
      parts.push(new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(count));
  }
  return parts.length === 0 ? numberText(0, "s") : parts.join(" ");
}

export function durationText(written: Json | undefined): string {
  if (typeof written !== "string") return GAP;
  const length = readDuration(written);
  return length === null ? written : lengthText(length);
}

/** «20 minutes before sunset». */
export function sunText(event: Json | undefined, offset: Json | undefined): string {
  const moment = event === "sunrise" || event === "sunset" ? t(`rule.sun.${event}`) : GAP;
  const length = typeof offset === "string" ? readOffset(offset) : 0;
  if (!length) return moment;
  return t(length < 0 ? "rule.sun_before" : "rule.sun_after", { time: lengthText(length), moment });
}

/** 2024 began with a Monday. */
export function weekdayName(day: string, weekday: "short" | "long" = "short"): string {
  const index = WEEKDAYS.indexOf(day as (typeof WEEKDAYS)[number]);
  if (index < 0) return day;
  return new Intl.DateTimeFormat(locale(), { weekday, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + index));
}

/** «Mon–Fri», «Sat and Sun». */
export function weekdaysText(days: Json | undefined, type: "conjunction" | "disjunction" = "conjunction"): string {
  const given = each(days).map(text);
  const at = given.map((day) => WEEKDAYS.indexOf(day as (typeof WEEKDAYS)[number])).sort((one, other) => one - other);
  const isRun = at.length > 2 && at[0] !== -1 && at.every((index, place) => index === (at[0] as number) + place);
  if (isRun)
    return `${weekdayName(WEEKDAYS[at[0] as number] as string)}–${weekdayName(WEEKDAYS[at.at(-1) as number] as string)}`;
  return listed(
    given.map((day) => weekdayName(day)),
    type,
  );
}

export function peopleText(people: Json | undefined): string {
  if (typeof people === "string") return people === "" ? GAP : ruleHome.personName(people);
  if (!isMapping(people)) return GAP;
  if ("anyone" in people || people["person"] === "anyone") return t("rule.anyone");
  if ("everyone" in people || people["person"] === "everyone") return t("rule.everyone");
  return typeof people["person"] === "string" ? peopleText(people["person"]) : GAP;
}

export function placeText(place: Json): string {
  return typeof place === "string" ? tOr(`rule.place.${place}`, place) : text(place);
}

export function modeText(mode: Json | undefined): string {
  return listed(
    each(mode).map((one) => tOr(`rule.home_mode.${text(one)}`, human(text(one)))),
    "disjunction",
  );
}

export function availabilityText(word: Json | undefined): string {
  return typeof word === "string" && word !== "" ? tOr(`rule.availability.${word}`, word) : GAP;
}
