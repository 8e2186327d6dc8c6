/** What must hold, in words that follow «if»; in German the verb stands last. */
import { t, tOr } from "../../language/language.svelte";
import { durationText } from "./duration";
import { attributeText, devicesText, firstDevice, listed, modeText, weekdaysText, type Names } from "./names";
import { at, isMapping, several, text, wordOf } from "./node";
import { peopleText } from "./people";
import { rangeText, sunMoment } from "./triggers";
import { anyValue } from "./value";

export const GROUPS = ["and", "or", "not"] as const;

const SAY: Record<string, (inner: unknown, names: Names) => string> = {
  state: stateText,
  numeric: (inner, names) => rangeText("rules.is", inner, names),
  time: timeText,
  sun: sunText,
  presence: (inner, names) => already(peopleText("is", inner, at(inner, "is"), names), inner),
  mode: (inner) => {
    const modes = several(isMapping(inner) ? at(inner, "is") : inner).map(modeText);
    return t("rules.mode_is", { mode: listed(modes, "disjunction") });
  },
  availability: (inner, names) => {
    const device = devicesText(at(inner, "device"), undefined, names);
    const is = text(at(inner, "is"));
    return tOr(`rules.is_${is}`, `${device}: ${is}`, { device });
  },
  if: (inner) => expressionText(inner),
  // Inside a sentence; where there is room, groups are told part by part.
  and: (inner, names) => joined(inner, names, "conjunction"),
  or: (inner, names) => joined(inner, names, "disjunction"),
  not: (inner, names) => t("rules.not", { text: joined(inner, names, "disjunction") }),
};

export const CONDITIONS = Object.keys(SAY);

/** A condition in words. */
export function conditionText(node: unknown, names: Names): string {
  if (typeof node === "string") return expressionText(node);
  const word = wordOf(node, CONDITIONS);
  return word ? (SAY[word]?.(at(node, word), names) ?? "") : text(node);
}

/** Conditions that must all hold. */
export function conditionsText(nodes: unknown, names: Names): string {
  return joined(nodes, names, "conjunction");
}

/** Among others a group stands in brackets: «a and (b or c)». */
function joined(nodes: unknown, names: Names, type: "conjunction" | "disjunction"): string {
  const parts = several(nodes);
  const words = parts.map((one) => {
    const group = wordOf(one, GROUPS);
    const isSeveral = group !== null && group !== "not" && several(at(one, group)).length > 1;
    return isSeveral && parts.length > 1 ? `(${conditionText(one, names)})` : conditionText(one, names);
  });
  return listed(words, type);
}

const expressionText = (expression: unknown) => t("rules.expression", { expression: text(expression) });

function already(words: string, inner: unknown): string {
  const hold = at(inner, "for");
  return hold === undefined ? words : t("rules.already", { text: words, duration: durationText(hold) });
}

function stateText(inner: unknown, names: Names): string {
  const attribute = text(at(inner, "attribute"));
  const is = at(inner, "is");
  const device = devicesText(at(inner, "device"), at(inner, "endpoint"), names);
  const value = anyValue(names.shape(firstDevice(at(inner, "device")), attribute), is, names);
  const generic = t("rules.is", { what: attributeText(inner, names), value });
  return already(tOr(`rules.is.${attribute}.${text(is)}`, generic, { device }), inner);
}

function timeText(inner: unknown): string {
  const [after, before, weekdays] = [at(inner, "after"), at(inner, "before"), at(inner, "weekdays")];
  const words = betweenText(text(after), text(before));
  const days = weekdays === undefined ? "" : t("rules.it_is_day", { days: weekdaysText(weekdays) });
  return listed([words, days].filter(Boolean));
}

function sunText(inner: unknown): string {
  const moment = (key: string) => {
    const event = at(inner, key);
    return event === undefined ? "" : sunMoment(event, at(inner, `${key}_offset`));
  };
  return betweenText(moment("after"), moment("before"));
}

function betweenText(after: string, before: string): string {
  if (after && before) return t("rules.it_is_between", { after, before });
  if (after) return t("rules.it_is_after", { after });
  return before ? t("rules.it_is_before", { before }) : "";
}
