/** A rule's document as the builder sees it: the nodes in it, what kind each is, and the fields that each has. The JSON is
 *  the one model; what the table of the language does not know stays in it untouched. */
import { BESIDE_TRIGGERS, isGroup, KINDS, LISTS, type Field, type Group, type Kind } from "./language";
import { get, insert, isMapping, itemsAt, remove, replace, startsWith, withKey, withoutKey } from "./path";
import type { Json, Mapping, Path } from "./path";

/** What kind a node is; none = the table does not know it. */
export function kindOf(group: Group, node: Json): Kind | null {
  const kinds = KINDS[group];
  // A text in a list of conditions is an expression.
  if (group === "condition" && typeof node === "string") return kinds.find(({ name }) => name === "if") ?? null;
  if (group === "branch" && !(isMapping(node) && "do" in node)) return kinds.find(({ plain }) => plain) ?? null;
  if (!isMapping(node)) return null;
  const fits = kinds.filter(({ word, signs = [] }) => (word ? [word] : signs).every((key) => Object.hasOwn(node, key)));
  // A node with two words is none of both.
  return fits.length > 1 && fits[0]?.word ? null : (fits[0] ?? null);
}

/** A field of a node, with where it stands below the node and what stands there. */
export interface Entry {
  field: Field;
  at: Path;
  value: Json | undefined;
}

/** A node in the table's words. */
export interface Shape {
  kind: Kind;
  entries: Entry[];
  /** Notes in the node, its own the last. */
  notes: { at: Path; value: string }[];
  /** Keys that the table does not know, below the node. */
  unknown: { at: Path; value: Json }[];
}

export function shapeOf(group: Group, node: Json): Shape | null {
  const kind = kindOf(group, node);
  if (!kind) return null;
  const { word, fields, plain } = kind;
  const beside = [...(kind.beside ?? []), ...(group === "trigger" ? BESIDE_TRIGGERS : [])];
  if (plain && (!word || !isMapping(node))) {
    return { kind, entries: [{ field: plain, at: [], value: node }], notes: [], unknown: [] };
  }
  const outer = node as Mapping;
  const inner = word ? outer[word] : outer;
  const base = word ? [word] : [];
  const isPlain = plain !== undefined && !(fields && isMapping(inner));
  const below: Entry[] = isPlain ? [{ field: plain, at: base, value: inner }] : [];
  for (const field of fields ?? []) {
    if (isPlain && field.key === plain.key) continue;
    below.push({ field, at: [...base, field.key], value: valueOf(inner, field) });
  }
  const known = (list: readonly Field[]) => ["note", ...list.flatMap(keysOf)];
  const strange = (mapping: Json | undefined, at: Path, names: string[]) =>
    Object.entries(isMapping(mapping) ? mapping : {})
      .filter(([key]) => !names.includes(key))
      .map(([key, value]) => ({ at: [...at, key], value }));
  return {
    kind,
    entries: [...below, ...beside.map((field) => ({ field, at: [field.key], value: outer[field.key] }))],
    notes: [
      ...below.filter(({ field }) => field.holds === "set").map(({ at }) => [...at, "note"]),
      ...(word && !isPlain ? [[...base, "note"]] : []),
      ["note"],
    ].flatMap((at) => {
      const value = get(node, at);
      return typeof value === "string" ? [{ at, value }] : [];
    }),
    unknown: word
      ? [...(isPlain ? [] : strange(inner, base, known(fields ?? []))), ...strange(outer, [], [word, ...known(beside)])]
      : strange(outer, [], known(fields ?? [])),
  };
}

/** The keys that one field may stand under. */
function keysOf(field: Field): string[] {
  return field.holds === "people" ? ["person", "anyone", "everyone"] : [field.key];
}

/** Of people: under which of their keys, as `{person: anna}`. */
function valueOf(inner: Json | undefined, field: Field): Json | undefined {
  if (!isMapping(inner)) return undefined;
  const key = keysOf(field).find((name) => Object.hasOwn(inner, name));
  if (key === undefined) return undefined;
  const value = inner[key] as Json;
  return field.holds === "people" ? { [key]: value } : value;
}

/** The node with another value of a field; undefined = without it. */
export function withField(group: Group, node: Json, entry: Entry, value: Json | undefined): Json {
  const { field, at } = entry;
  const shape = shapeOf(group, node);
  if (!shape) return node;
  const { kind } = shape;
  const [key, inside] = [at[0], at[1]];
  if (key === undefined) return value ?? null;
  if (inside === undefined && kind.word !== key && kind.word !== undefined) {
    return changed(node as Mapping, [field], value, [kind.word, ...(kind.beside ?? []).map((one) => one.key)]);
  }
  const order = (kind.fields ?? []).map((one) => one.key);
  if (kind.word === undefined) return changed(node as Mapping, [field], value, order);
  const outer = node as Mapping;
  if (inside === undefined) return value === undefined ? node : withKey(outer, kind.word, value);
  let inner = outer[kind.word];
  // What was said in short needs its key beside another.
  if (!isMapping(inner)) {
    const isEmpty = inner === undefined || inner === null || inner === "";
    inner = kind.plain?.key && !isEmpty ? { [kind.plain.key]: inner as Json } : {};
  }
  return withKey(outer, kind.word, changed(inner, [field], value, order));
}

function changed(mapping: Mapping, fields: Field[], value: Json | undefined, order: string[]): Mapping {
  const field = fields[0] as Field;
  const there = keysOf(field).filter((key) => Object.hasOwn(mapping, key));
  if (value === undefined) return there.reduce(withoutKey, mapping);
  const [key, put] =
    field.holds === "people" && isMapping(value) ? (Object.entries(value)[0] ?? [field.key, ""]) : [field.key, value];
  if (there[0] !== undefined && there[0] !== key) {
    return Object.fromEntries(
      Object.entries(mapping).map(([name, old]) => (name === there[0] ? [key, put] : [name, old])),
    );
  }
  return withKey(mapping, key, put, order);
}

/** The lists of nodes below a node. */
export function listsOf(group: Group, node: Json): { at: Path; group: Group }[] {
  const entries = shapeOf(group, node)?.entries ?? [];
  return entries.flatMap(({ field, at, value }) =>
    value !== undefined && isGroup(field.holds) ? [{ at, group: field.holds }] : [],
  );
}

export interface Placed {
  path: Path;
  group: Group;
  node: Json;
}

/** Every node of a document, the outer before the inner. */
export function* nodes(document: Json): Generator<Placed> {
  for (const { key, group } of LISTS) yield* nodesBelow(document, [key], group);
}

function* nodesBelow(document: Json, list: Path, group: Group): Generator<Placed> {
  for (const { path, value } of itemsAt(document, list)) {
    yield { path, group, node: value };
    for (const inner of listsOf(group, value)) yield* nodesBelow(document, [...path, ...inner.at], inner.group);
  }
}

/** The path of the innermost node that something stands in; empty = the rule itself. */
export function nodeAround(document: Json, path: Path): Path {
  let found: Path = [];
  for (const placed of nodes(document)) {
    if (placed.path.length > found.length && startsWith(path, placed.path)) found = placed.path;
  }
  return found;
}

/** Sets or takes away a key of the rule itself, where it belongs. */
export function withRuleKey(document: Json, key: string, value: Json | undefined, order: readonly string[]): Json {
  const rule = isMapping(document) ? document : {};
  return value === undefined ? withoutKey(rule, key) : withKey(rule, key, value, order);
}

/** Sets or takes away the note of a node: behind all else. An expression without a mapping gets one. */
export function withNote(document: Json, path: Path, note: string): Json {
  const node = get(document, path);
  const mapping = typeof node === "string" ? { if: node } : Array.isArray(node) ? { do: node } : node;
  if (!isMapping(mapping)) return document;
  return replace(document, path, note === "" ? withoutKey(mapping, "note") : withKey(mapping, "note", note));
}

/** Puts a copy of a node behind it. */
export function duplicate(document: Json, path: Path): Json {
  const last = path.at(-1);
  const node = get(document, path);
  if (node === undefined) return document;
  return typeof last === "number"
    ? insert(document, path.slice(0, -1), last + 1, node)
    : insert(document, path, 1, node);
}

export { insert, remove };

/** A new rule. */
export const EMPTY: Mapping = { name: "", triggers: [], conditions: [], actions: [] };
