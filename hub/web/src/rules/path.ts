/** Places in a rule's document, and edits there: each leaves everything else as it was, down to the order of keys. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Mapping = { [key: string]: Json };
export type Path = readonly (string | number)[];

export function isMapping(value: Json | undefined): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path as the hub writes it: `actions[1].command.set`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    "",
  );
}

export function pathOf(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key as string) : Number(index),
  );
}

export function startsWith(path: Path, beginning: Path): boolean {
  return beginning.length <= path.length && beginning.every((step, at) => step === path[at]);
}

export function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && startsWith(one, other);
}

export function get(value: Json | undefined, path: Path): Json | undefined {
  let here = value;
  for (const step of path) {
    if (typeof step === "number") here = Array.isArray(here) ? here[step] : undefined;
    else here = isMapping(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  }
  return here;
}

/** The same with something else at a path. A mapping that is not there yet is made. */
export function replace(value: Json | undefined, path: Path, put: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return put;
  if (typeof step === "number") {
    const list = Array.isArray(value) ? [...value] : [];
    list[step] = replace(list[step], rest, put);
    return list;
  }
  const mapping = isMapping(value) ? value : {};
  return withKey(mapping, step, replace(Object.hasOwn(mapping, step) ? mapping[step] : undefined, rest, put));
}

/** A mapping with a key: in its place if it is there, else where `order` has it, else at the end. */
export function withKey(mapping: Mapping, key: string, value: Json, order: readonly string[] = []): Mapping {
  const entries = Object.entries(mapping);
  const there = entries.findIndex(([name]) => name === key);
  if (there >= 0) entries[there] = [key, value];
  else {
    const behind = order.slice(order.indexOf(key) + 1);
    const before = order.includes(key) ? entries.findIndex(([name]) => behind.includes(name)) : -1;
    entries.splice(before < 0 ? entries.length : before, 0, [key, value]);
  }
  return Object.fromEntries(entries);
}

export function withoutKey(mapping: Mapping, key: string): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== key));
}

/** A mapping whose key is called otherwise, in the same place. */
export function renameKey(mapping: Mapping, from: string, to: string): Mapping {
  return Object.fromEntries(Object.entries(mapping).map(([name, value]) => [name === from ? to : name, value]));
}

/** The items of a list, or the one thing that stands in place of a list, each with its path. */
export function itemsAt(document: Json, list: Path): { path: Path; value: Json }[] {
  const value = get(document, list);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [{ path: list, value }];
  return value.map((item, index) => ({ path: [...list, index], value: item }));
}

function edited(document: Json, list: Path, edit: (items: Json[]) => void): Json {
  const items = itemsAt(document, list).map(({ value }) => value);
  edit(items);
  return replace(document, list, items);
}

/** Puts a new item into a list, which need not be there yet. */
export function insert(document: Json, list: Path, index: number, item: Json): Json {
  return edited(document, list, (items) => items.splice(index, 0, item));
}

/** Takes away the item at a path, or what stands there in place of a list. */
export function remove(document: Json, path: Path): Json {
  const last = path.at(-1);
  const outer = path.slice(0, -1);
  if (typeof last === "number") return edited(document, outer, (items) => items.splice(last, 1));
  const mapping = get(document, outer);
  return last !== undefined && isMapping(mapping) ? replace(document, outer, withoutKey(mapping, last)) : document;
}

/** Moves an item within its list. */
export function move(document: Json, list: Path, from: number, to: number): Json {
  return edited(document, list, (items) => items.splice(to, 0, ...items.splice(from, 1)));
}

/** Whether two documents say the same in the same order. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A place at which two documents differ; what is left out on a side is not there. */
export interface Difference {
  path: Path;
  from?: Json | undefined;
  to?: Json | undefined;
}

export function differences(from: Json | undefined, to: Json | undefined, path: Path = []): Difference[] {
  if (same(from, to)) return [];
  if (isMapping(from) && isMapping(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => differences(get(from, [key]), get(to, [key]), [...path, key]));
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, index) => differences(item, to[index], [...path, index]));
  }
  return [{ path, from, to }];
}
