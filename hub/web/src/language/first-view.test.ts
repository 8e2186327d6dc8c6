import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const IMPORT = /(?:^|[\n;])\s*(?:import|export)\s+(?!type\b)(?:[^;"']*?from\s*)?["'](\.[^"']+)["']/g;
/** Words for where a rule is wrong, which is said on the pages of rules. */
const OF_RULES = "src/language/place.ts";

/** What a module imports at once, itself, and what that imports. */
function allOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    const whole = join(dirname(file), path);
    const next = [whole, `${whole}.ts`].find((one) => existsSync(one) && statSync(one).isFile());
    if (next && !next.endsWith(".css") && !next.includes("/messages/")) allOf(next, found);
  }
  return found;
}

/** The keys that are named in a text, in whole or, as `beginning.${…}`, by their beginning. */
function named(source: string, keys: string[]): string[] {
  const whole = new Set([...source.matchAll(/["'`]([a-z_]+(?:\.[a-z_]+)*)["'`]/g)].map(([, key]) => key));
  const beginnings = [...source.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map(([, beginning = ""]) => beginning);
  return keys.filter((key) => {
    return whole.has(key.replace(/_(one|other)$/, "")) || beginnings.some((one) => key.startsWith(one));
  });
}

const areas = readdirSync("messages/en").filter((file) => file.endsWith(".json"));
const keysOf = (area: string) => Object.keys(JSON.parse(readFileSync(`messages/en/${area}`, "utf8")) as object);

test.each(readdirSync("messages"))("the first view has all its words in %s", (language) => {
  const there = readFileSync(`messages/${language}/first.ts`, "utf8");
  const later = areas.filter((area) => !there.includes(`"./${area}"`)).flatMap(keysOf);
  expect(later.length).toBeGreaterThan(0);
  const modules = [...allOf("src/main.ts")].filter((file) => file !== OF_RULES);
  // Home, tiles and all: what reads so few modules reads them wrong.
  expect(modules.length).toBeGreaterThan(60);
  const missed = modules.flatMap((file) => named(readFileSync(file, "utf8"), later).map((key) => `${file}: ${key}`));
  expect(missed).toEqual([]);
});
