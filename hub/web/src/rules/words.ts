/** What kinds of nodes and their fields are called. */
import { human } from "../format/value";
import { tOr } from "../language/language.svelte";
import type { Field, Group, Kind } from "./language";

export function kindName(group: Group, { name }: Kind): string {
  return tOr(`rule.kind.${group}.${name}`, human(name));
}

/** What it is good for, and other words under which people look for it. */
export function kindAbout(group: Group, { name }: Kind): string {
  return tOr(`rule.about.${group}.${name}`, "");
}

/** The field's name beside its node's word, or what it is called everywhere. */
export function fieldName(group: Group, { name }: Kind, { key }: Field): string {
  const own = key === "" ? name : key;
  return tOr(`rule.field.${group}.${name}.${own}`, tOr(`rule.field.${own}`, human(own)));
}

/** Whether what a person looks for is in the names of a kind. */
export function isFound(group: Group, kind: Kind, sought: string): boolean {
  const words = `${kindName(group, kind)} ${kindAbout(group, kind)} ${kind.name} ${tOr(`rule.find.${group}.${kind.name}`, "")}`;
  const all = words.toLowerCase();
  return sought
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
