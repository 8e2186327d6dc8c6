/** What sets a rule off, in words that follow «when» and «until»; in German the verb stands last. */
import { t, tOr } from "../../language/language.svelte";
import { durationText } from "./duration";
import { attributeText, devicesText, firstDevice, listed, modeText, weekdaysText, type Names } from "./names";
import { at, isMapping, several, text, wordOf } from "./node";
import { peopleText } from "./people";
import { anyValue, oneValue } from "./value";

type Say = (inner: unknown, names: Names, node: unknown) => string;

const SAY: Record<string, Say> = {
  state: (inner, names) => held(stateText(inner, names), inner),
  numeric: (inner, names) => held(rangeText("rules.crosses", inner, names), inner),
  event: eventText,
  time: timeText,
  sun: sunText,
  every: (inner) => t("rules.every", { duration: durationText(inner) }),
  cron: (inner) => t("rules.cron", { pattern: text(inner) }),
  availability: (inner, names) => {
    const device = devicesText(at(inner, "device"), undefined, names);
    const to = text(at(inner, "to"));
    return held(tOr(`rules.becomes_${to}`, t("rules.reach_changes", { device }), { device }), inner);
  },
  presence: (inner, names) => held(peopleText("comes", inner, at(inner, "to"), names), inner),
  mode: (inner) => {
    const to = isMapping(inner) ? at(inner, "to") : inner;
    const from = several(at(inner, "from")).map(modeText);
    if (to === undefined) {
      return from.length > 0 ? t("rules.mode_leaves", { mode: listed(from, "disjunction") }) : t("rules.mode_changes");
    }
    return held(t("rules.mode_becomes", { mode: listed(several(to).map(modeText), "disjunction") }), inner);
  },
  start: () => t("rules.hub_starts"),
  webhook: () => t("rules.webhook"),
};

export const TRIGGERS = Object.keys(SAY);

/** A trigger in words. */
export function triggerText(node: unknown, names: Names): string {
  const word = wordOf(node, TRIGGERS);
  return word ? (SAY[word]?.(at(node, word), names, node) ?? "") : text(node);
}

/** One of several triggers. */
export function triggersText(nodes: unknown, names: Names): string {
  return listed(
    several(nodes).map((node) => triggerText(node, names)),
    "disjunction",
  );
}

/** It must stay so for some time. */
function held(words: string, inner: unknown): string {
  const hold = at(inner, "for");
  return hold === undefined ? words : t("rules.stays", { text: words, duration: durationText(hold) });
}

function stateText(inner: unknown, names: Names): string {
  const reference = firstDevice(at(inner, "device"));
  const attribute = text(at(inner, "attribute"));
  const shape = names.shape(reference, attribute);
  const what = attributeText(inner, names);
  const { from, to } = isMapping(inner) ? inner : {};
  if (to === undefined && from === undefined) return t("rules.changes", { what });
  if (to === undefined) return t("rules.is_no_longer", { what, value: anyValue(shape, from, names) });
  const device = devicesText(at(inner, "device"), at(inner, "endpoint"), names);
  const value = anyValue(shape, to, names);
  // Of what is either so or not, where it came from says nothing more.
  if (from === undefined || typeof to === "boolean") {
    return tOr(`rules.becomes.${attribute}.${text(to)}`, t("rules.becomes", { what, value }), { device });
  }
  return t("rules.goes_from_to", { what, from: anyValue(shape, from, names), value });
}

/** Above, below or between, of `rules.crosses` or `rules.is`. */
export function rangeText(key: "rules.crosses" | "rules.is", inner: unknown, names: Names): string {
  const shape = names.shape(firstDevice(at(inner, "device")), text(at(inner, "attribute")));
  const what = attributeText(inner, names);
  const bound = (name: string) => oneValue({ ...shape, kind: "number" }, at(inner, name), names);
  const [above, below] = [at(inner, "above"), at(inner, "below")];
  if (above !== undefined && below !== undefined) {
    return t(`${key}_between`, { what, above: bound("above"), below: bound("below") });
  }
  return above === undefined
    ? t(`${key}_below`, { what, below: bound("below") })
    : t(`${key}_above`, { what, above: bound("above") });
}

function eventText(inner: unknown, names: Names): string {
  const device = devicesText(at(inner, "device"), at(inner, "endpoint"), names);
  const attribute = text(at(inner, "attribute") ?? "action");
  const is = at(inner, "is");
  if (is === undefined) return t("rules.sends_something", { device });
  const say = (value: unknown) =>
    tOr(
      `rules.event.${attribute}.${text(value)}`,
      t("rules.sends", {
        device,
        value: anyValue(names.shape(firstDevice(at(inner, "device")), attribute), value, names),
      }),
      { device },
    );
  return listed(several(is).map(say), "disjunction");
}

function timeText(inner: unknown, _names: Names, node: unknown): string {
  const times = isMapping(inner) ? at(inner, "at") : inner;
  const words = t("rules.it_is", { time: listed(several(times).map(text), "disjunction") });
  return onDays(words, at(inner, "weekdays") ?? at(node, "weekdays"));
}

export function onDays(words: string, weekdays: unknown): string {
  return weekdays === undefined ? words : t("rules.on_days", { text: words, days: weekdaysText(weekdays) });
}

function sunText(inner: unknown, _names: Names, node: unknown): string {
  const event = text(isMapping(inner) ? at(inner, "event") : inner);
  const offset = at(inner, "offset");
  const words =
    offset === undefined ? tOr(`rules.sun.${event}`, event) : t("rules.it_is", { time: sunMoment(event, offset) });
  return onDays(words, at(inner, "weekdays") ?? at(node, "weekdays"));
}

/** «sunset», «20 min before sunset». */
export function sunMoment(event: unknown, offset: unknown): string {
  const moment = tOr(`rules.sun_moment.${text(event)}`, text(event));
  const written = text(offset).trim();
  if (!written) return moment;
  const duration = durationText(written.replace(/^[-+]/, ""));
  return t(written.startsWith("-") ? "rules.before_moment" : "rules.after_moment", { duration, moment });
}
