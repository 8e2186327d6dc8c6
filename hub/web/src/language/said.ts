/**
 * What the hub says, in the reader's language: it names its sentences by a code (and `case`, where a code has several) and
 * what varies in them. Its own English sentence stands in for what this app has no words for, which a newer hub may say.
 */
import { attributeName } from "../format/value";
import { languageCode, learn, textOr } from "./language.svelte";
import { placeWords } from "./place";

export type Kind = "alert" | "driver" | "finding" | "problem" | "reason";
export type Params = Record<string, string>;

/** The language that the hub itself speaks. */
const HUBS_LANGUAGE = "en";

/** The words of one sentence. `own`: what the hub itself says. */
export function said(kind: Kind, code: string, own: string, which = "", params: Params = {}): string {
  learn();
  const values = shown(params);
  const general = `said.${kind}.${code}`;
  const exact = which ? textOr(`${general}.${which}`, "", values) : "";
  if (exact) return exact;
  // A case without words of its own says more than its code does, to who understands it.
  if (which && own && languageCode() === HUBS_LANGUAGE) return own;
  return textOr(general, own, values);
}

/** What varies, as the app calls it. */
function shown(params: Params): Params {
  const { attribute, place } = params;
  return {
    ...params,
    ...(attribute !== undefined && { attribute: attributeName(attribute) }),
    ...(place !== undefined && { place: placeWords(place) }),
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export interface Saying {
  code: string;
  case?: string | undefined;
  params?: Params | undefined;
}

/** What was found in a rule, a scene or a permission. */
export function findingText(finding: Saying & { message: string }): string {
  return said("finding", finding.code, capital(finding.message), finding.case, finding.params);
}

/** Why somebody may not do something. */
export function reasonText({ code, text: own, params = {} }: Saying & { text: string }): string {
  // What is not about a rule has a sentence of its own.
  if (!params["name"]) return languageCode() === HUBS_LANGUAGE ? own : said("problem", "not_allowed", own);
  const { until, who } = params;
  return said("reason", code, own, "", {
    ...params,
    window: windowText(params),
    limits: limitsText(params),
    ...(until !== undefined && { until: dateText(until) }),
    ...(who !== undefined && { who: list(who, (word) => textOr(`people.role.${word}`, word)) }),
  });
}

const list = (words: string, say: (word: string) => string) => words.split(", ").map(say).join(", ");

function windowText({ from, to, days }: Params): string {
  const which = from && to ? "from_to" : from ? "from" : "";
  const times = which ? textOr(`said.reason.window.${which}`, "", { from: from ?? "", to: to ?? "" }) : "";
  const on = days ? list(days, dayName) : "";
  if (times && on) return textOr("said.reason.window.days", "", { times, days: on });
  if (on) return textOr("said.reason.window.only_days", "", { days: on });
  return times || textOr("said.reason.window.always", "");
}

function limitsText({ min, max }: Params): string {
  const which = min && max ? "between" : min ? "least" : max ? "most" : "some";
  return textOr(`said.reason.limits.${which}`, "", { min: min ?? "", max: max ?? "" });
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function dayName(word: string): string {
  // The fourth of January 1970 was a Sunday.
  const day = new Date(Date.UTC(1970, 0, 4 + Math.max(0, DAYS.indexOf(word))));
  return new Intl.DateTimeFormat(languageCode(), { weekday: "long", timeZone: "UTC" }).format(day);
}

function dateText(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return new Intl.DateTimeFormat(languageCode(), { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** What a request was refused for: what is wrong and what to do, in one. Null = only the hub has words for it. */
export function problemText(
  problem: Saying & { detail: string; findings?: unknown; reasons?: unknown },
): string | null {
  const reason = first<Saying & { text: string }>(problem.reasons);
  if (problem.code === "not_allowed" && !problem.case) {
    // Who reads the hub's language is told what stands in the way, where only the hub has words for it.
    if (reason?.params?.["name"]) return reasonText(reason);
    if (readsHub()) return null;
  }
  const text = said("problem", problem.code, problem.detail, problem.case, problem.params);
  if (text === problem.detail) return null;
  const finding = first<Saying & { message: string; path: string }>(problem.findings);
  if (!finding) return text;
  const place = placeWords(finding.path);
  return [text, place ? `${capital(place)}:` : "", findingText(finding)].filter(Boolean).join(" ");
}

function first<One>(list: unknown): One | undefined {
  return Array.isArray(list) ? (list[0] as One | undefined) : undefined;
}

/** How a driver is; only who reads the hub's language is told in its own words. */
export function driverText(state: string, own: string): string {
  if (!own || languageCode() === HUBS_LANGUAGE) return own;
  return said("driver", state, own);
}

/** An alert by what it is about: the device or rule behind the colon of its code. */
export function alertText({ code, text: own }: { code: string; text: string }, nameOf: (id: string) => string): string {
  const colon = code.indexOf(":");
  const [kind, id] = colon < 0 ? [code, ""] : [code.slice(0, colon), code.slice(colon + 1)];
  return said("alert", kind, own, "", id ? { name: nameOf(id) } : {});
}

/** A message of the hub about an alert, in the words of the alert. */
export function noticeText(
  one: { message: string; alert?: { code: string; over: boolean } | null },
  nameOf: (id: string) => string,
): string {
  if (!one.alert) return one.message;
  const what = alertText({ code: one.alert.code, text: one.message }, nameOf);
  return one.alert.over ? textOr("said.alert.over", what, { what }) : what;
}

/** What a person does next, as a driver says it: only who reads the hub's language is told in its own words. */
export function stepText(own: string, instead: string): string {
  return own && readsHub() ? own : instead;
}

/** Whether sentences of the hub itself are in the language of the reader. */
export function readsHub(): boolean {
  return languageCode() === HUBS_LANGUAGE;
}
