/** Values in rules: plain ones in the words of their attribute, others as what they are worked out from. */
import { valueText } from "../../format/value";
import { t } from "../../language/language.svelte";
import { listed, type Names, type Shape } from "./names";
import { several } from "./node";

/** The text between `{{ }}`, if a value is worked out. */
export function expressionIn(value: unknown): string | null {
  if (typeof value !== "string" || !value.includes("{{")) return null;
  return /^\s*\{\{-?\s*(.*?)\s*-?\}\}\s*$/s.exec(value)?.[1] ?? value;
}

/** One value. A number may have been written with its unit, which stays as it is. */
export function oneValue(shape: Shape, value: unknown, names: Names): string {
  const expression = expressionIn(value);
  if (expression !== null) return t("rules.worked_out", { expression });
  if (value === null || value === undefined) return t("rules.unknown");
  if (shape.kind === "number" && typeof value === "string") return value;
  return valueText(shape, value, names.units);
}

/** One of several values: «heat or cool». */
export function anyValue(shape: Shape, values: unknown, names: Names): string {
  return listed(
    (Array.isArray(values) ? several(values) : [values]).map((value) => oneValue(shape, value, names)),
    "disjunction",
  );
}
