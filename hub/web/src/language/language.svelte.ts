/**
 * The words of the page, by message files: `messages/LANGUAGE/AREA.json`, keys to texts. `{name}` is put in; of keys that
 * end with `_one`, `_other` and the like (CLDR plural categories) the one for `count` is taken.
 */
import { numberFormat } from "../format/formats";
import englishFirst from "../../messages/en/first";
import type { Key } from "./keys";

export type { Key } from "./keys";
type Messages = Record<string, string>;

/** Each language is two files: the words of the first view, and with `index` all of them. */
const files = import.meta.glob<Messages>(["../../messages/*/{first,index}.ts", "!../../messages/en/first.ts"], {
  import: "default",
});
/** What the hub says, in each language: much, and seldom wanted, so that it comes when it is. */
const sayings = import.meta.glob<Messages>("../../messages/*/said/index.ts", { import: "default" });
const languageOf = (file: string) => file.split("/").at(-2) ?? "";

/** What another language lacks is said in English. */
let english: Messages = englishFirst;

/** The languages that there are, by their own names. */
export const languages = [...new Set(["en", ...Object.keys(files).map(languageOf)])].map((code) => ({
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

/** Whether somebody has gone to a page that says more than the first view. */
let isAllWanted = false;
let bringing: Promise<void> | null = null;

async function load(code: string): Promise<Messages> {
  const file = files[`../../messages/${code}/${isAllWanted ? "index" : "first"}.ts`];
  return file ? await file() : english;
}

/** Brings the words of all pages, once. */
export function bringAllWords(): Promise<void> {
  bringing ??= bringAll().catch((problem: unknown) => {
    bringing = null;
    throw problem;
  });
  return bringing;
}

async function bringAll(): Promise<void> {
  isAllWanted = true;
  const { code } = spoken;
  const [own, standIns] = await Promise.all([load(code), load("en")]);
  english = standIns;
  // Another language that was chosen meanwhile has brought all of its words.
  if (spoken.code === code) spoken.messages = own;
}

/** Speaks another language from now on. */
export async function speak(code: string): Promise<void> {
  const known = languages.some((language) => language.code === code) ? code : "en";
  let wasAllWanted: boolean;
  let messages: Messages;
  do {
    wasAllWanted = isAllWanted;
    messages = await load(known);
  } while (wasAllWanted !== isAllWanted);
  spoken.messages = messages;
  spoken.code = known;
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
