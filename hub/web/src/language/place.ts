/** Places in a rule, a scene or a permission, as the app calls them: `actions[0].command` is “first action, the command”. */
import { textOr } from "./language.svelte";

/** So many have words of their own; the rest are counted. */
const NAMED = 5;

/** Which list the items of a list are of: what stands below `then` are actions as those of the rule are. */
const ITEMS: Record<string, string> = {
  triggers: "triggers",
  wait_for: "triggers",
  conditions: "conditions",
  if: "conditions",
  while: "conditions",
  and: "conditions",
  or: "conditions",
  not: "conditions",
  actions: "actions",
  then: "actions",
  else: "actions",
  do: "actions",
  choose: "choices",
  parallel: "branches",
  tests: "tests",
  when: "happenings",
};

/** Lists of the whole document: their items are called by themselves. */
const WHOLE = ["triggers", "conditions", "actions", "tests"];

/** The words for a path; empty for the whole. */
export function placeWords(path: string): string {
  const words: string[] = [];
  let last = "";
  for (const [, index, key] of path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    if (index !== undefined) words.push(nth(ITEMS[last] ?? "entries", Number(index) + 1));
    else if (key !== undefined) {
      last = key;
      const word = textOr(`place.key.${key}`, textOr(`rule.field.${key}`, textOr(`attribute.${key}`, "")));
      if (word && !isWholeList(path, key)) words.push(word);
    }
  }
  return words.join(", ");
}

const isWholeList = (path: string, key: string) => WHOLE.includes(key) && path.startsWith(`${key}[`);

function nth(list: string, number: number): string {
  const own = number <= NAMED ? textOr(`place.${list}.${number}`, "") : "";
  return own || textOr(`place.${list}.nth`, String(number), { number });
}
