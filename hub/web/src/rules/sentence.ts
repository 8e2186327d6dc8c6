/** Each node of a rule as a sentence. What is below it in lists is not in it: that stands below the sentence. */
import { t, tOr } from "../language/language.svelte";
import { shapeOf } from "./document";
import { ruleHome } from "./home.svelte";
import type { Group } from "./language";
import {
  attributeText,
  availabilityText,
  devicesText,
  durationText,
  each,
  GAP,
  listed,
  modeText,
  peopleText,
  placeText,
  saysAll,
  settingsText,
  sunText,
  valuesWords,
  valueWords,
  weekdaysText,
} from "./phrases";
import type { Json } from "./path";

/** What stands in the fields of a node. */
type Said = Record<string, Json | undefined>;

const said = (value: Json | undefined): value is Json => value !== undefined && value !== "";
const plain = (value: Json | undefined): string => (typeof value === "string" && value !== "" ? value : GAP);

function about(of: Said, type: "conjunction" | "disjunction", attribute: Json | undefined = of["attribute"]) {
  return attributeText(of["device"], attribute, of["endpoint"], type);
}

function values(of: Said, key: string, attribute: Json | undefined = of["attribute"]): string {
  return valuesWords(of["device"], plain(attribute), of["endpoint"], of[key]);
}

function range(of: Said, group: "trigger" | "condition"): string {
  const bound = (key: string) => valueWords(of["device"], plain(of["attribute"]), of["endpoint"], of[key] ?? GAP);
  const what = about(of, group === "trigger" ? "disjunction" : "conjunction");
  const [above, below] = [said(of["above"]), said(of["below"])];
  const words = { what, above: bound("above"), below: bound("below") };
  if (above && below) return t(`rule.say.${group}.numeric_between`, words);
  return below ? t(`rule.say.${group}.numeric_below`, words) : t(`rule.say.${group}.numeric_above`, words);
}

function held(sentence: string, of: Said, key: "rule.say.held" | "rule.say.been" = "rule.say.held"): string {
  return said(of["for"]) ? t(key, { sentence, time: durationText(of["for"]) }) : sentence;
}

function onDays(sentence: string, of: Said): string {
  return said(of["weekdays"]) ? t("rule.say.on_days", { sentence, days: weekdaysText(of["weekdays"]) }) : sentence;
}

function isSo(of: Said, key: string): string {
  return (
    report(of, key, "conjunction") ??
    t("rule.say.condition.is", { what: about(of, "conjunction"), is: values(of, key) })
  );
}

/** «Kitchen window reports “Open”». */
function report(of: Said, key: string, type: "conjunction" | "disjunction"): string | null {
  if (!saysAll(of["attribute"], of[key])) return null;
  return t("rule.say.reports", { what: devicesText(of["device"], type), value: values(of, key) });
}

function change(of: Said): string {
  const told = said(of["from"]) ? null : report(of, "to", "disjunction");
  if (told) return told;
  const words = { what: about(of, "disjunction"), from: values(of, "from"), to: values(of, "to") };
  if (said(of["from"]))
    return said(of["to"]) ? t("rule.say.trigger.state_from_to", words) : t("rule.say.trigger.state_from", words);
  return said(of["to"]) ? t("rule.say.trigger.state_to", words) : t("rule.say.trigger.state_any", words);
}

function arrival(of: Said): string {
  const who = peopleText(of["person"]);
  const { from, to } = of;
  if (to === "home") return t("rule.say.trigger.comes_home", { who });
  if (to === "away") return t("rule.say.trigger.goes_away", { who });
  if (said(to)) return t("rule.say.trigger.arrives", { who, place: placeText(to) });
  if (said(from)) return t("rule.say.trigger.leaves", { who, place: placeText(from) });
  return t("rule.say.trigger.comes_or_goes", { who });
}

function hours(of: Said): string {
  const { after, before } = of;
  const words = { after: plain(after), before: plain(before) };
  const window = said(after)
    ? t(said(before) ? "rule.say.condition.between" : "rule.say.condition.after", words)
    : said(before)
      ? t("rule.say.condition.before", words)
      : "";
  if (window) return onDays(window, of);
  return said(of["weekdays"])
    ? t("rule.say.condition.days", { days: weekdaysText(of["weekdays"], "disjunction") })
    : GAP;
}

function daylight(of: Said): string {
  const after = sunText(of["after"], of["after_offset"]);
  const before = sunText(of["before"], of["before_offset"]);
  if (!said(of["before"])) return t("rule.say.condition.after", { after });
  return said(of["after"])
    ? t("rule.say.condition.between", { after, before })
    : t("rule.say.condition.before", { before });
}

function recipients(to: Json | undefined): string {
  const names = each(to === true ? undefined : to).map(peopleText);
  return names.length === 0 ? t("rule.everyone") : listed(names);
}

function waiting(of: Said): string {
  if (!said(of["timeout"])) return t("rule.say.action.wait_for");
  const words = { time: durationText(of["timeout"]) };
  return of["on_timeout"] === "stop"
    ? t("rule.say.action.wait_for_or_stop", words)
    : t("rule.say.action.wait_for_at_most", words);
}

function later(of: Said, sentence: string): string {
  return said(of["after"]) ? t("rule.say.happening.later", { sentence, time: durationText(of["after"]) }) : sentence;
}

const SENTENCES: Partial<Record<Group, Record<string, (of: Said) => string>>> = {
  trigger: {
    state: (of) => held(change(of), of),
    numeric: (of) => held(range(of, "trigger"), of),
    event: (of) => {
      const attribute = of["attribute"] ?? "action";
      const what = about(of, "disjunction", attribute);
      return said(of["is"]) ? `${what}: ${values(of, "is", attribute)}` : t("rule.say.trigger.event_any", { what });
    },
    time: (of) => onDays(t("rule.say.trigger.time", { at: listed(each(of["at"]).map(plain)) }), of),
    sun: (of) => onDays(t("rule.say.trigger.sun", { moment: sunText(of["event"], of["offset"]) }), of),
    presence: (of) => held(arrival(of), of),
    mode: (of) =>
      held(
        said(of["to"]) ? t("rule.say.trigger.mode_to", { to: modeText(of["to"]) }) : t("rule.say.trigger.mode_any"),
        of,
      ),
    every: (of) => t("rule.say.trigger.every", { time: durationText(of[""]) }),
    cron: (of) => t("rule.say.trigger.cron", { cron: plain(of[""]) }),
    availability: (of) =>
      held(
        t("rule.say.trigger.becomes", {
          what: devicesText(of["device"], "disjunction"),
          to: availabilityText(of["to"]),
        }),
        of,
      ),
    start: () => t("rule.say.trigger.start"),
    webhook: () => t("rule.say.trigger.webhook"),
  },
  condition: {
    state: (of) => held(isSo(of, "is"), of, "rule.say.been"),
    numeric: (of) => range(of, "condition"),
    time: hours,
    sun: daylight,
    presence: (of) =>
      held(
        t("rule.say.condition.is", {
          what: peopleText(of["person"]),
          is: listed(each(of["is"]).map(placeText), "disjunction"),
        }),
        of,
        "rule.say.been",
      ),
    mode: (of) => t("rule.say.condition.mode", { is: modeText(of["is"]) }),
    availability: (of) =>
      t("rule.say.condition.is", { what: devicesText(of["device"]), is: availabilityText(of["is"]) }),
    and: () => t("rule.say.condition.and"),
    or: () => t("rule.say.condition.or"),
    not: () => t("rule.say.condition.not"),
    if: (of) => plain(of[""]),
  },
  action: {
    command: (of) => `${devicesText(of["device"])}: ${settingsText(of["device"], of["endpoint"], of["set"])}`,
    toggle: (of) => t("rule.say.action.toggle", { what: devicesText(of["device"]) }),
    scene: (of) =>
      t("rule.say.action.scene", { scene: said(of["name"]) ? ruleHome.sceneName(plain(of["name"])) : GAP }),
    delay: (of) => t("rule.say.action.delay", { time: durationText(of[""]) }),
    wait_for: waiting,
    notify: (of) =>
      t("rule.say.action.notify", { to: recipients(of["to"]), message: plain(of["title"] ?? of["message"]) }),
    set_mode: (of) => t("rule.say.action.set_mode", { mode: modeText(of[""]) }),
    if: () => t("rule.say.action.if"),
    choose: () => t("rule.say.action.choose"),
    repeat: (of) =>
      typeof of["times"] === "number"
        ? t("rule.say.action.repeat", { count: of["times"] })
        : t("rule.say.action.repeat_while"),
    parallel: () => t("rule.say.action.parallel"),
    run: (of) => t("rule.say.action.run", { rule: said(of[""]) ? ruleHome.ruleName(plain(of[""])) : GAP }),
    stop: (of) => t("rule.say.action.stop", { reason: plain(of[""]) }),
  },
  happening: {
    report: (of) => later(of, isSo(of, "value")),
    event: (of) => later(of, `${about(of, "conjunction", of["event"])}: ${values(of, "value", of["event"])}`),
    availability: (of) =>
      later(
        of,
        t("rule.say.condition.is", { what: devicesText(of["device"]), is: availabilityText(of["availability"]) }),
      ),
    presence: (of) =>
      later(of, t("rule.say.condition.is", { what: peopleText(of["person"]), is: placeText(of["presence"] ?? GAP) })),
    mode: (of) => later(of, t("rule.say.condition.mode", { is: modeText(of["mode"]) })),
    webhook: (of) => later(of, t("rule.say.trigger.webhook")),
    down: (of) => later(of, t("rule.say.happening.down", { time: durationText(of["down"]) })),
    wait: (of) => t("rule.say.action.delay", { time: durationText(of["after"]) }),
  },
  effect: {
    command: (of) => `${devicesText(of["device"])}: ${settingsText(of["device"], of["endpoint"], of["set"])}`,
    scene: (of) => t("rule.say.action.scene", { scene: ruleHome.sceneName(plain(of["scene"])) }),
    notify: (of) => t("rule.say.effect.notify", { to: recipients(of["notify"]) }),
    set_mode: (of) => t("rule.say.action.set_mode", { mode: modeText(of["set_mode"]) }),
  },
  situation: {
    situation: (of) =>
      [of["time"], said(of["mode"]) ? modeText(of["mode"]) : ""].filter(Boolean).map(plain).join(", ") ||
      t("rule.kind.situation.situation"),
  },
  test: { test: (of) => plain(of["name"]) },
};

const upper = (words: string) => (/^\p{Ll}+ /u.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words);

/** The sentence of a node; of what the table does not know, its words as they stand. */
export function sentence(group: Group, node: Json): string {
  const shape = shapeOf(group, node);
  if (!shape) return typeof node === "string" ? node : JSON.stringify(node);
  const of: Said = {};
  for (const { field, value } of shape.entries) if (value !== undefined) of[field.key] = value;
  const write = SENTENCES[group]?.[shape.kind.name];
  if (group === "condition" && shape.kind.name === "if") return write?.(of) ?? GAP;
  return write ? upper(write(of)) : tOr(`rule.kind.${group}.${shape.kind.name}`, shape.kind.name);
}
