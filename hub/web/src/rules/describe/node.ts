/** The nodes of a rule's document, as they come from the hub: read with care, for a person may have written anything. */

export type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a key, if there is a mapping. */
export function at(value: unknown, key: string): unknown {
  return isMapping(value) ? value[key] : undefined;
}

/** One or a list, as a list. */
export function several(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

export interface Placed {
  value: unknown;
  /** As the hub names it: `actions[1].choose[0].if`. */
  path: string;
}

/** One or a list with their places: what stands alone has the place of the list. */
export function placed(value: unknown, path: string): Placed[] {
  if (Array.isArray(value)) return value.map((one, index) => ({ value: one, path: `${path}[${index}]` }));
  return value === undefined || value === null ? [] : [{ value, path }];
}

/** The word that says what a node is, of those that may stand there. */
export function wordOf(node: unknown, words: readonly string[]): string | null {
  return isMapping(node) ? (words.find((word) => Object.hasOwn(node, word)) ?? null) : null;
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}

/** What a person wrote beside a node. */
export function noteOf(node: unknown): string | null {
  const note = at(node, "note");
  return typeof note === "string" && note.trim() ? note : null;
}

/** What stands at a place: `actions[1].choose[0].if`. */
export function nodeAt(document: unknown, path: string): unknown {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].reduce<unknown>((here, [, index, key]) => {
    if (index === undefined) return at(here, key ?? "");
    return Array.isArray(here) ? here[Number(index)] : here;
  }, document);
}
