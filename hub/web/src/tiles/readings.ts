/** What a tile says under a device's name: what it is and measures, in as few words as say it. */
import { attributeName, valueText, type Units } from "../format/value";
import { t } from "../language/language.svelte";
import { controlOf } from "./control";
import type { Part } from "./kind";

/** Their value says by itself what it is of. */
const CLEAR = new Set([
  "on",
  "locked",
  "smoke",
  "carbon_monoxide",
  "gas",
  "water_leak",
  "open",
  "occupancy",
  "presence",
  "vibration",
  "temperature",
  "humidity",
  "co2",
  "illuminance",
  "power",
  "hvac_action",
]);

/** Beside a control these words would say the same again. */
const SHOWS_ITSELF = new Set(["slider", "dial", "steps"]);

/** A value in words, with what it is of where it does not say that by itself. */
export function named(attribute: string, value: string): string {
  return CLEAR.has(attribute) ? value : `${attributeName(attribute)} ${value}`;
}

const isSwitch = ({ attribute }: Part) => controlOf(attribute) === "switch";

/** The parts of a device in words, each reading by itself. What is locked has no control that shows it. */
export function readings(shown: Part[], units: Units, isLocked: (part: Part) => boolean = () => false): string[] {
  const switches = shown.filter(isSwitch);
  // Each says its own beside it; here it is whether any is on.
  const [first] = switches;
  const on = switches.find(({ attribute }) => attribute.state.value === true) ?? first;
  const told = switches.length > 1 && on ? [{ ...on, label: null }, ...shown.filter((one) => !isSwitch(one))] : shown;
  return told
    .filter(
      (part) => part.attribute.name === "position" || isLocked(part) || !SHOWS_ITSELF.has(controlOf(part.attribute)),
    )
    .map(({ attribute, label }) => {
      if (attribute.name === "position" && typeof attribute.state.value === "number") {
        return t(attribute.state.value > 0 ? "value.open.true" : "value.open.false");
      }
      const value = valueText(attribute, attribute.state.value, units);
      return `${label ? `${label}: ` : ""}${named(attribute.name, value)}`;
    });
}

/** What has something to press or draw comes before what only tells. */
export function isOperable(shown: Part[]): boolean {
  return shown.some(({ attribute }) => controlOf(attribute) !== "none");
}

/** The value whose last day a tile draws: the first number that what only tells measures. Batteries empty in years. */
export function drawn(shown: Part[]): Part | undefined {
  if (isOperable(shown)) return undefined;
  return shown.find(({ attribute: { kind, name } }) => kind === "number" && name !== "battery");
}
