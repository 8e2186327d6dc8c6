/** Values of attributes in words, in the units that the person wants. */
import type { Attribute } from "../api/words";
import { locale, tOr } from "../language/language.svelte";
import { numberFormat } from "./formats";

export type Units = "metric" | "imperial";

/** What a unit of the hub becomes for people who measure otherwise, and back. */
const IMPERIAL: Record<string, { unit: string; there: (value: number) => number; back: (value: number) => number }> = {
  "°C": { unit: "°F", there: (celsius) => celsius * 1.8 + 32, back: (fahrenheit) => (fahrenheit - 32) / 1.8 },
  hPa: { unit: "inHg", there: (hectopascal) => hectopascal / 33.8639, back: (inches) => inches * 33.8639 },
};

/** How many digits after the point are worth showing; of other units one. */
const DIGITS: Record<string, number> = { "%": 0, K: 0, lx: 0, W: 1, hPa: 0, kWh: 2, V: 0, A: 2, s: 0, inHg: 2, ppm: 0 };

type Shape = Pick<Attribute, "name" | "kind" | "unit">;

/** A number of the hub in the person's unit. */
export function shownNumber(value: number, unit: string | null | undefined, units: Units) {
  const other = units === "imperial" && unit ? IMPERIAL[unit] : undefined;
  return other ? { value: other.there(value), unit: other.unit } : { value, unit: unit ?? "" };
}

/** What a person gave in their unit, for the hub. */
export function givenNumber(value: number, unit: string | null | undefined, units: Units): number {
  const other = units === "imperial" && unit ? IMPERIAL[unit] : undefined;
  return other ? other.back(value) : value;
}

/** A number with its unit. */
export function numberText(value: number, unit: string | null | undefined, units: Units = "metric"): string {
  // A thousandth of a kilowatt hour is not nothing.
  if (unit === "kWh" && value !== 0 && Math.abs(value) < 0.1) return numberText(value * 1000, "Wh", units);
  const shown = shownNumber(value, unit, units);
  const digits = Math.abs(shown.value) >= 100 ? 0 : (DIGITS[shown.unit] ?? 1);
  const number = numberFormat(locale(), digits).format(shown.value);
  return shown.unit ? `${number}\u202f${shown.unit}` : number;
}

/** A word of a device, such as `color_temperature`, as people write: «Color temperature». */
export function human(word: string): string {
  const spaced = word.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What an attribute is called. */
export function attributeName(name: string): string {
  return tOr(`attribute.${name}`, human(name));
}

/** What an attribute is called, where the device has a word of its own for it. */
export function attributeTitle(attribute: Pick<Attribute, "name" | "label">): string {
  return tOr(`attribute.${attribute.name}`, attribute.label || human(attribute.name));
}

/** An attribute with its value in words; a value with words of its own, such as «On» or «No motion», says it all. */
export function phrase(name: string, value: unknown, words: string): string {
  return tOr(`value.${name}.${value}`, "") ? words : `${attributeName(name)}: ${words}`;
}

/** What a button says that tells a device a value. */
export function wordText(attribute: Shape, value: unknown): string {
  return tOr(`press.${attribute.name}.${value}`, valueText(attribute, value));
}

/** A value in words; «–» where it is not known. */
export function valueText(attribute: Shape, value: unknown, units: Units = "metric"): string {
  if (value === null || value === undefined) return "–";
  switch (typeof value) {
    case "boolean": {
      const word = value ? "true" : "false";
      return tOr(`value.${attribute.name}.${word}`, tOr(`value.${word}`, word));
    }
    case "number":
      return numberText(value, attribute.unit, units);
    case "string":
      return attribute.kind === "text"
        ? value
        : tOr(`value.${attribute.name}.${value}`, tOr(`value.${value}`, human(value)));
    default:
      return colorText(value) ?? JSON.stringify(value);
  }
}

function colorText(value: object): string | null {
  const { hue, saturation, x, y } = value as Record<string, unknown>;
  const round = (number: number, digits: number) => numberFormat(locale(), digits).format(number);
  if (typeof hue === "number" && typeof saturation === "number")
    return `${round(hue, 0)}°, ${round(saturation, 0)}\u202f%`;
  if (typeof x === "number" && typeof y === "number") return `x ${round(x, 3)}, y ${round(y, 3)}`;
  return null;
}
