/** The rules that the hub's own tests and its demo are made of: what the builder must be able to hold. For tests only. */
import { readdirSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Json } from "./path";

const HUB = "..";

/** Rules stand in the scripts between `== rules` and the next heading. */
const section = (text: string) => /^== rules.*\n([\s\S]*?)(?=^== |$(?![\s\S]))/m.exec(text)?.[1] ?? "";

function files(folder: string): [name: string, text: string][] {
  return readdirSync(`${HUB}/${folder}`, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => [name, section(readFileSync(`${HUB}/${folder}/${name}`, "utf8"))]);
}

/** Each text holds a rule or a list of them. */
export function texts(): [name: string, text: string][] {
  const demo = "daemon/src/demo/rules.yaml";
  return [
    ...files("automation/tests/scripts"),
    ...files("automation/tests/analysis"),
    [demo, readFileSync(`${HUB}/${demo}`, "utf8")] as [string, string],
  ].filter(([, text]) => text.trim() !== "");
}

export function rules(): { name: string; rule: Json }[] {
  return texts().flatMap(([name, text]) =>
    parseAllDocuments(text)
      .flatMap((document) => document.toJS() as Json)
      .flatMap((rule, index) => (rule ? [{ name: `${name} ${index}`, rule }] : [])),
  );
}

/** The words in the table of a name in the hub's source. */
export function wordsOf(file: string, table: string): string[] {
  const source = readFileSync(`${HUB}/automation/src/document/${file}`, "utf8");
  const found = new RegExp(`const ${table}: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]`).exec(source)?.[1] ?? "";
  return [...found.matchAll(/"(\w+)"/g)].map(([, word]) => word as string);
}

/** The keys that the hub's source takes below each word: of `"state" => { at.only(&["device", …])`. */
export function keysBelow(file: string): Map<string, string[]> {
  const source = readFileSync(`${HUB}/automation/src/document/${file}`, "utf8");
  const keys = new Map<string, string[]>();
  let word = "";
  for (const line of source.split("\n")) {
    word = /^ {8}"(\w+)" (?:=>|if )/.exec(line)?.[1] ?? /^fn (\w+)\(/.exec(line)?.[1] ?? word;
    if (/^ {8}_ =>/.test(line)) word = "_";
    const list = /\bat\.only\(&\[([^\]]+)\]/.exec(line)?.[1];
    if (list)
      keys.set(
        word,
        [...list.matchAll(/"(\w+)"/g)].map(([, key]) => key as string),
      );
  }
  return keys;
}
