/** What things of the home are called: rules name them by id or by name. */
import type { Attribute } from "../../api/words";
import { attributeName, type Units } from "../../format/value";
import { locale, t, tOr } from "../../language/language.svelte";
import { at, several, text } from "./node";

export type Shape = Pick<Attribute, "name" | "kind" | "unit">;

export interface Names {
  device(reference: string): string;
  /** The kind and unit of an attribute, for its values. */
  shape(reference: string | null, attribute: string): Shape;
  /** The label of an endpoint where that needs to be said, else nothing. */
  endpoint(reference: string | null, endpoint: unknown): string;
  area(reference: string): string;
  person(reference: string): string;
  scene(reference: string): string;
  rule(reference: string): string;
  units: Units;
  timeZone?: string | undefined;
}

export function listed(words: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(locale(), { type, style: "long" }).format(words);
}

/** The first device that is named, for the kind of its attributes. */
export function firstDevice(devices: unknown): string | null {
  const first = several(devices)[0];
  return typeof first === "string" ? first : null;
}

/** Names, a list of them, or a selection: «all lights in Hallway». */
export function devicesText(devices: unknown, endpoint: unknown, names: Names): string {
  const words = several(devices).map((one) =>
    typeof one === "string" ? names.device(one) : selectionText(one, names),
  );
  const label = names.endpoint(firstDevice(devices), endpoint);
  return listed(words) + (label ? ` (${label})` : "");
}

function selectionText(selection: unknown, names: Names): string {
  const type = at(selection, "type");
  const area = at(selection, "area");
  const what = type === undefined ? t("rules.all_devices") : typeText(type);
  const rooms = several(area).map((one) => names.area(text(one)));
  return rooms.length > 0 ? t("rules.all_in", { what, area: listed(rooms) }) : what;
}

const typeText = (type: unknown) =>
  listed(several(type).map((one) => tOr(`rules.all_of.${text(one)}`, t("rules.all_devices"))));

/** «Hallway motion (Brightness of the room)». */
export function attributeText(node: unknown, names: Names): string {
  const device = devicesText(at(node, "device"), at(node, "endpoint"), names);
  return t("rules.what", { device, attribute: attributeName(text(at(node, "attribute"))) });
}

const MODES = ["home", "away", "night", "holiday"];

/** The name of a mode: the usual ones in the person's language. */
export function modeText(mode: unknown): string {
  const name = text(mode);
  return MODES.includes(name) ? tOr(`rules.home_mode.${name}`, name) : name;
}

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** «Mon, Wed and Fri», or «weekdays». */
export function weekdaysText(weekdays: unknown): string {
  const days = WEEK.filter((day) => several(weekdays).includes(day));
  const all = days.join(" ");
  if (days.length === 7) return t("rules.days.all");
  if (all === "mon tue wed thu fri") return t("rules.days.work");
  if (all === "sat sun") return t("rules.days.weekend");
  const format = new Intl.DateTimeFormat(locale(), { weekday: "long", timeZone: "UTC" });
  // 5 January 2026 is a Monday.
  return listed(days.map((day) => format.format(Date.UTC(2026, 0, 5 + WEEK.indexOf(day)))));
}
