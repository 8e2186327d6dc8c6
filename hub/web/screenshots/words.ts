/** The texts of the app, so that a state is reached by the same way in every language. */
import { readdirSync, readFileSync } from "node:fs";

export type Words = (key: string, values?: Record<string, string>) => string;

export function words(language: string): Words {
  const folder = `messages/${language}`;
  const all = Object.assign(
    {},
    ...readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as object),
  ) as Record<string, string>;
  return (key, values = {}) => {
    const text = all[key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}
