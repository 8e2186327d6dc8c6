/** What a rule names, for finding the rules of a device or a room. */
import { isMapping, several } from "./node";

export interface Named {
  /** By id or name. */
  devices: Set<string>;
  areas: Set<string>;
  scenes: Set<string>;
}

/** Walks through the whole document: a device may stand in triggers, conditions, waits, steps and tests. */
export function namedIn(document: unknown): Named {
  const named: Named = { devices: new Set(), areas: new Set(), scenes: new Set() };
  walk(document, named);
  return named;
}

function walk(node: unknown, named: Named): void {
  if (Array.isArray(node)) return node.forEach((one) => walk(one, named));
  if (typeof node === "string") return expression(node, named);
  if (!isMapping(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === "device") texts(value, named.devices);
    else if (key === "area") texts(value, named.areas);
    else if (key === "scene") texts(isMapping(value) ? value["name"] : value, named.scenes);
    // Tests tell of the rule, they are none of what it does.
    if (key !== "tests") walk(value, named);
  }
}

function texts(value: unknown, into: Set<string>): void {
  for (const one of several(value)) if (typeof one === "string") into.add(one);
}

/** `state("Hallway lamp", "on")`, `desired(…)`, `changed_at(…)` in an expression. */
function expression(words: string, named: Named): void {
  for (const [, , device] of words.matchAll(/\b(?:state|desired|changed_at)\(\s*(["'])(.*?)\1/g)) {
    if (device) named.devices.add(device);
  }
}
