import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bestLanguage, text } from "./language.svelte";

const read = (language: string): Record<string, string> =>
  Object.assign(
    {},
    ...readdirSync(`messages/${language}`)
      .filter((file) => file.endsWith(".json"))
      .map((file) => JSON.parse(readFileSync(`messages/${language}/${file}`, "utf8"))),
  );
const places = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
/** Languages differ in their plural forms; the rest of a key is the same. */
const shared = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

const english = read("en");

describe.each(readdirSync("messages").filter((language) => language !== "en"))("the messages in %s", (language) => {
  const messages = read(language);

  test("are whole", () => {
    const keys = (of: Record<string, string>) => [...new Set(Object.keys(of).map(shared))].sort();
    expect(keys(messages)).toEqual(keys(english));
  });

  test("put in the same things", () => {
    for (const [key, words] of Object.entries(messages)) {
      const original = english[key] ?? english[`${shared(key)}_other`] ?? "";
      const optional = key.endsWith("_one") ? ["count"] : [];
      const without = (list: (string | undefined)[]) => list.filter((name) => !optional.includes(name ?? ""));
      expect(without(places(words)), key).toEqual(without(places(original)));
    }
  });
});

test("plural forms follow the count", () => {
  const messages = { lamps_one: "One lamp", lamps_other: "{count} lamps" };
  expect(text(messages, "en", "lamps", { count: 1 })).toBe("One lamp");
  expect(text(messages, "en", "lamps", { count: 1200 })).toBe("1,200 lamps");
});

test("what is put in is put in as it is", () => {
  expect(text({ say: "{name}!" }, "en", "say", { name: "{name} <b>$&" })).toBe("{name} <b>$&!");
});

test("the first language that there is wins", () => {
  expect(bestLanguage(["fr-CH", "de-CH", "en"], ["en", "de"])).toBe("de");
  expect(bestLanguage([], ["en", "de"])).toBe("en");
});
