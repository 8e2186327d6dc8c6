/** Values of attributes as they are chosen and typed: in the person's units there, in the hub's in the document. */
import type { Attribute } from "../api/words";
import { givenNumber, shownNumber, valueText, type Units } from "../format/value";
import type { Option } from "./options";
import type { Json } from "./path";

/** What a value is typed into. */
export type Way = "choice" | "number" | "text" | "color" | "formula" | "raw";

export function isFormula(value: Json | undefined): boolean {
  return typeof value === "string" && (value.includes("{{") || value.includes("{%"));
}

export function wayOf(attribute: Attribute | undefined, value: Json | undefined): Way {
  if (isFormula(value)) return "formula";
  if (!attribute) return "raw";
  switch (attribute.kind) {
    case "bool":
    case "enum":
      return "choice";
    case "number":
      return typeof value === "object" && value !== null ? "raw" : "number";
    case "text":
      return "text";
    case "color":
      return isHue(value) || value === undefined ? "color" : "raw";
    default:
      return "raw";
  }
}

function isHue(value: Json | undefined): value is { hue: number; saturation: number } {
  const { hue, saturation } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return typeof hue === "number" && typeof saturation === "number";
}

/** The values of a bool or an enumeration; the words of an option are the value's JSON. */
export function valueOptions(attribute: Attribute): Option[] {
  const values: Json[] = attribute.kind === "bool" ? [true, false] : (attribute.values ?? []);
  return values.map((value) => ({ value: JSON.stringify(value), label: valueText(attribute, value) }));
}

/** Digits that are kept: a converted number must not become 20.000000000000004. */
const round = (value: number) => Number(value.toFixed(3));

/** What stands in the field; a number with its unit, such as `40%`, stays as it was written. */
export function typedNumber(value: Json | undefined, unit: string | null | undefined, units: Units): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(round(shownNumber(value, unit, units).value)) : "";
}

/** What was typed, for the document; null = nothing that is a number yet. */
export function numberFrom(text: string, unit: string | null | undefined, units: Units): Json | null {
  const tidy = text.trim().replace(",", ".");
  if (tidy === "" || !/^[-+]?\d*\.?\d+$/.test(tidy)) return null;
  return round(givenNumber(Number(tidy), unit, units));
}

/** What was typed where nothing is known of the attribute: JSON where it is some, else a text. */
export function rawFrom(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export function rawText(value: Json | undefined): string {
  if (value === undefined) return "";
  // A text that would be read as something else needs its quotes.
  return typeof value === "string" && rawFrom(value) === value ? value : JSON.stringify(value);
}

/** A colour at full brightness, as browsers pick them. */
export function hexOf(value: Json | undefined): string {
  if (!isHue(value)) return "#ffffff";
  const part = (shift: number) => {
    const along = (shift + value.hue / 60) % 6;
    const level = 1 - (value.saturation / 100) * Math.max(0, Math.min(along, 4 - along, 1));
    return Math.round(level * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(5)}${part(3)}${part(1)}`;
}

export function colorOf(hex: string): { hue: number; saturation: number } {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (span === 0) return { hue: 0, saturation: 0 };
  const sixth =
    most === red
      ? ((green - blue) / span + 6) % 6
      : most === green
        ? (blue - red) / span + 2
        : (red - green) / span + 4;
  return { hue: Math.round(sixth * 60) % 360, saturation: Math.round((span / most) * 100) };
}
