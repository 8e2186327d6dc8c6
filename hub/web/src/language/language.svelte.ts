/**
 * The words of the page, by message files: `messages/LANGUAGE/AREA.json`, keys to texts. `{name}` is put in; of keys that
 * end with `_one`, `_other` and the like (CLDR plural categories) the one for `count` is taken. English is whole always;
 * what another language lacks is said in English.
 */
import { numberFormat } from "../format/formats";
import english from "../../messages/en";
import type { Key } from "./keys";

export type { Key } from "./keys";
type Messages = Record<string, string>;

/** Each language is one file, so that it comes by one request. */
const files = import.meta.glob<Messages>(["../../messages/*/index.ts", "!../../messages/en/*"], { import: "default" });
/** What the hub says, in each language: much, and seldom wanted, so that it comes when it is. */
const sayings = import.meta.glob<Messages>("../../messages/*/said/index.ts", { import: "default" });
const languageOf = (file: string) => file.split("/").at(-2) ?? "";

/** The languages that there are, by their own names. */
export const languages = ["en", ...new Set(Object.keys(files).map(languageOf))].map((code) => ({
  code,
  name: new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code,
}));

class Language {
  code = $state("en");
  messages = $state.raw<Messages>(english);
  /** What the hub says, in this language and in English; empty = nobody has asked yet. */
  sayings = $state.raw<Messages>({});
  readonly locale = $derived(navigator.languages.find((one) => one.split("-")[0] === this.code) ?? this.code);
}

const spoken = new Language();

/** The language of the page, for formats of numbers and times: the browser's own variant of it where that is known. */
export function locale(): string {
  return spoken.locale;
}

export function languageCode(): string {
  return spoken.code;
}

/** The first wanted language that there is a file for; else English. */
export function bestLanguage(wanted: readonly string[], known: readonly string[]): string {
  const found = wanted.map((one) => one.split("-")[0] ?? "").find((one) => known.includes(one));
  return found ?? "en";
}

/** Speaks another language from now on. */
export async function speak(code: string): Promise<void> {
  const load = files[`../../messages/${code}/index.ts`];
  spoken.messages = load ? await load() : english;
  spoken.code = load ? code : "en";
  document.documentElement.lang = spoken.code;
  if (learning) await (learning = learnIn(spoken.code));
}

/** Speaks what was chosen, or what the browser wants. */
export async function speakWhatIsWanted(chosen: string | null): Promise<void> {
  const known = languages.map(({ code }) => code);
  await speak(chosen && known.includes(chosen) ? chosen : bestLanguage(navigator.languages, known));
}

let learning: Promise<void> | null = null;

/** Brings the words for what the hub says, once; until they are there the hub's own stand in. */
export function learn(): Promise<void> {
  learning ??= learnIn(spoken.code).catch(() => void (learning = null));
  return learning;
}

async function learnIn(code: string): Promise<void> {
  const load = (language: string) => sayings[`../../messages/${language}/said/index.ts`]?.() ?? Promise.resolve({});
  const [own, others] = await Promise.all([load(code), code === "en" ? {} : load("en")]);
  spoken.sayings = { ...others, ...own };
}

/** The text of a key. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return text(spoken.messages, spoken.code, key, values);
}

/** The text of a key that is made of data, such as a device's attribute; else the fallback. */
export function tOr(key: string, fallback: string, values: Record<string, string | number> = {}): string {
  const known = key in spoken.messages || key in english;
  return known ? text(spoken.messages, spoken.code, key, values) : fallback;
}

/** The text of a key of what the hub says or of any other; else the fallback. */
export function textOr(key: string, fallback: string, values: Record<string, string | number> = {}): string {
  return key in spoken.sayings ? text(spoken.sayings, spoken.code, key, values) : tOr(key, fallback, values);
}

/** The same of given messages. */
export function text(messages: Messages, code: string, key: string, values: Record<string, string | number>): string {
  const count = values["count"];
  const category = typeof count === "number" ? new Intl.PluralRules(code).select(count) : null;
  const forms = category ? [`${key}_${category}`, `${key}_other`, key] : [key];
  const lookUp = (from: Messages) => forms.map((form) => from[form]).find((found) => found !== undefined);
  const found = lookUp(messages) ?? lookUp(english) ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numberFormat(code).format(value) : value;
  });
}
