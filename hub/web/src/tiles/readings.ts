/** What a tile says under a device's name: what it is and measures, in as few words as say it. */
import { attributeName, valueText, type Units } from "../format/value";
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
const SHOWS_ITSELF = new Set(["slider", "steps"]);

/** The parts of a device in words; of several switches each says its own beside it. */
export function readings(shown: Part[], units: Units): string {
  const switches = shown.filter(({ attribute }) => controlOf(attribute) === "switch").length;
  return shown
    .filter(({ attribute }) => {
      const control = controlOf(attribute);
      return !SHOWS_ITSELF.has(control) && (control !== "switch" || switches === 1);
    })
    .map(({ attribute, label }) => {
      const value = valueText(attribute, attribute.state.value, units);
      const name = CLEAR.has(attribute.name) ? "" : `${attributeName(attribute.name)} `;
      return `${label ? `${label}: ` : ""}${name}${value}`;
    })
    .join(" · ");
}

/** What has something to press or draw comes before what only tells. */
export function isOperable(shown: Part[]): boolean {
  return shown.some(({ attribute }) => controlOf(attribute) !== "none");
}
