/** How a person changes an attribute: by its name where that says more, else by its kind. */
import type { AttributeSchema } from "../api/words";

export type Control =
  "switch" | "lock" | "slider" | "dial" | "steps" | "number" | "choice" | "press" | "text" | "color" | "json" | "none";

type Schema = Pick<AttributeSchema, "name" | "kind" | "access" | "min" | "max" | "step" | "unit" | "values">;

/** Names that people know by another control than their kind has; `endless` = which they have without ends. */
const BY_NAME: Record<string, { kind: string; control: Control; endless?: Control }> = {
  locked: { kind: "bool", control: "lock" },
  brightness: { kind: "number", control: "slider" },
  position: { kind: "number", control: "slider" },
  tilt: { kind: "number", control: "slider" },
  color_temperature: { kind: "number", control: "slider" },
  heating_setpoint: { kind: "number", control: "dial", endless: "steps" },
  cooling_setpoint: { kind: "number", control: "dial", endless: "steps" },
};

const BY_KIND: Record<string, Control> = {
  bool: "switch",
  number: "number",
  enum: "choice",
  text: "text",
  color: "color",
  composite: "json",
  list: "json",
};

/** They are drawn from one end to the other. */
const HAS_ENDS: Control[] = ["slider", "dial"];

/** More stops than this are not hit with a finger. */
const MOST_STOPS = 100;

export function controlOf(schema: Schema): Control {
  if (!schema.access.includes("write")) return "none";
  const named = BY_NAME[schema.name];
  if (named?.kind === schema.kind) {
    if (!HAS_ENDS.includes(named.control) || hasEnds(schema)) return named.control;
    if (named.endless) return named.endless;
  }
  // What cannot be read has no position to show.
  if (isBlind(schema) && (schema.kind === "enum" || schema.kind === "bool")) return "press";
  if (schema.kind === "number" && hasFewStops(schema)) return "slider";
  return BY_KIND[schema.kind] ?? "json";
}

/** It is told things, and tells nothing. */
export function isBlind(schema: Pick<AttributeSchema, "access">): boolean {
  return !schema.access.includes("read") && !schema.access.includes("notify");
}

function hasEnds({ min, max }: Schema): boolean {
  return typeof min === "number" && typeof max === "number" && max > min;
}

function hasFewStops(schema: Schema): boolean {
  if (!hasEnds(schema)) return false;
  const stops = ((schema.max ?? 0) - (schema.min ?? 0)) / (schema.step || 1);
  return stops <= MOST_STOPS || schema.unit === "%";
}

/** The stops of a slider: finer ones than a hundredth of its way are of no use to a hand. */
export function stopOf({ min, max, step }: Pick<AttributeSchema, "min" | "max" | "step">): number {
  const own = step || 1;
  return (max ?? 100) - (min ?? 0) > 10 ? Math.max(own, 1) : own;
}

/** The nearest value that an attribute of numbers can have. */
export function fitting({ min, max }: Pick<AttributeSchema, "min" | "max">, value: number): number {
  return Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value));
}
