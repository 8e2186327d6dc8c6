/** Values with parts (composites, lists) as JSON that a person writes: checked against the attribute before it is sent. */
import type { AttributeSchema } from "../api/words";

/** A part of a schema, as the hub gives it. */
export type PartSchema = Partial<Omit<AttributeSchema, "fields" | "item">> & {
  fields?: Record<string, unknown>[];
  item?: Record<string, unknown> | null;
};

/** What is wrong, and where; to be put in words. */
export interface Fault {
  word: "not_json" | "unknown_field" | "wrong_kind" | "too_small" | "too_great" | "not_a_value";
  place: string;
  /** What is wanted in its place. */
  wanted: string;
}

/** The value of a text, or what is wrong with it. */
export function read(text: string, schema: PartSchema): { value: unknown } | { fault: Fault } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: { word: "not_json", place: "", wanted: "" } };
  }
  const fault = check(value, schema, "");
  return fault ? { fault } : { value };
}

const JS_KIND: Record<string, string> = { bool: "boolean", number: "number", enum: "string", text: "string" };

function check(value: unknown, schema: PartSchema, place: string): Fault | null {
  const wrong: Fault = { word: "wrong_kind", place, wanted: schema.kind ?? "" };
  switch (schema.kind) {
    case "composite":
      return isObject(value) ? checkFields(value, schema, place) : wrong;
    case "list": {
      if (!Array.isArray(value)) return wrong;
      return first(value.map((item, at) => (schema.item ? check(item, schema.item, `${place}[${at}]`) : null)));
    }
    case "number":
      if (typeof value !== "number") return wrong;
      if (typeof schema.min === "number" && value < schema.min)
        return { word: "too_small", place, wanted: `${schema.min}` };
      if (typeof schema.max === "number" && value > schema.max)
        return { word: "too_great", place, wanted: `${schema.max}` };
      return null;
    case "enum":
      if (typeof value !== "string") return wrong;
      return schema.values?.length && !schema.values.includes(value)
        ? { word: "not_a_value", place, wanted: schema.values.join(", ") }
        : null;
    default: {
      const kind = JS_KIND[schema.kind ?? ""];
      return kind && typeof value !== kind ? wrong : null;
    }
  }
}

function checkFields(value: Record<string, unknown>, { fields }: PartSchema, place: string): Fault | null {
  if (!fields?.length) return null;
  const known = new Map(fields.map((field) => [field["name"] as string, field as PartSchema]));
  return first(
    Object.entries(value).map(([name, part]) => {
      const at = place ? `${place}.${name}` : name;
      const schema = known.get(name);
      if (!schema) return { word: "unknown_field", place: at, wanted: [...known.keys()].join(", ") };
      return check(part, schema, at);
    }),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const first = (faults: (Fault | null)[]): Fault | null => faults.find((fault) => fault !== null) ?? null;

/** A value that the schema takes, to begin with. */
export function example(schema: PartSchema): unknown {
  switch (schema.kind) {
    case "composite":
      return Object.fromEntries((schema.fields ?? []).map((field) => [field["name"], example(field)]));
    case "list":
      return schema.item ? [example(schema.item)] : [];
    case "bool":
      return false;
    case "number":
      return schema.min ?? 0;
    case "enum":
      return schema.values?.[0] ?? "";
    default:
      return "";
  }
}
