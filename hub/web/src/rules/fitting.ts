/** What follows from a choice: of another device or attribute the rest of the node must fit it. */
import type { Attribute } from "../api/words";
import { shapeOf, withField, type Entry } from "./document";
import { ruleHome } from "./home.svelte";
import type { Group } from "./language";
import { isMapping, type Json } from "./path";
import { isFormula } from "./value";

/** What is mostly meant, of a device that has several attributes. */
const TELLING = ["occupancy", "presence", "open", "action", "on", "locked", "position", "temperature", "power"];

const VALUES = ["value", "values", "bound"];

/** Whether an attribute can have a value. */
export function fits({ kind, values }: Pick<Attribute, "kind" | "values">, value: Json): boolean {
  if (value === null || isFormula(value)) return true;
  if (Array.isArray(value)) return value.every((one) => fits({ kind, ...(values && { values }) }, one));
  switch (kind) {
    case "bool":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" || (typeof value === "string" && /^[-+]?\d/.test(value));
    case "enum":
      return typeof value === "string" && (values ?? [value]).includes(value);
    case "text":
      return typeof value === "string";
    default:
      return true;
  }
}

/** Who names a lamp mostly wants it on; what is set already is kept. */
function withOn(group: Group, node: Json, settings: Entry, devices: Json | undefined): Json {
  const isEmpty = !isMapping(settings.value) || Object.keys(settings.value).length === 0;
  const canBeOn = isEmpty && ruleHome.attributes(devices, "write").some(({ attribute }) => attribute.name === "on");
  return canBeOn ? withField(group, node, settings, { on: true }) : node;
}

/** The node with an attribute that its devices have, and without values that this cannot have. */
export function withWhatFits(group: Group, node: Json): Json {
  const shape = shapeOf(group, node);
  const attribute = shape?.entries.find(({ field }) => field.holds === "attribute");
  const of = (holds: string) => shape?.entries.find(({ field }) => field.holds === holds)?.value;
  const devices = of("devices");
  const settings = shape?.entries.find(({ field }) => field.holds === "set" && field.needed);
  if (settings) return withOn(group, node, settings, devices);
  if (!attribute?.field.needed || ruleHome.devices(devices).length === 0) return node;
  const names = [
    ...new Set(ruleHome.attributes(devices, attribute.field.of ?? "state").map((found) => found.attribute.name)),
  ];
  let name = typeof attribute.value === "string" ? attribute.value : "";
  let next = node;
  if (!names.includes(name)) {
    // A name that only the hub knows is not taken away; one of the device before is.
    const meant = TELLING.find((one) => names.includes(one)) ?? names[0];
    if (meant === undefined) return node;
    name = meant;
    next = withField(group, next, attribute, name);
  }
  const known = ruleHome.attribute(devices, name, of("endpoint"));
  if (!known) return next;
  for (const entry of shapeOf(group, next)?.entries ?? []) {
    if (!VALUES.includes(entry.field.holds)) continue;
    if (entry.value !== undefined && !fits(known, entry.value)) next = withField(group, next, entry, undefined);
  }
  // Of yes and no, yes is what is mostly waited for.
  const wanted = shapeOf(group, next)?.entries.find(({ field }) => field.needed && VALUES.includes(field.holds));
  const isBound = wanted?.field.holds === "bound";
  return known.kind === "bool" && wanted && !isBound && wanted.value === undefined
    ? withField(group, next, wanted, true)
    : next;
}
