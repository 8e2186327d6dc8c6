/** What a rule does, in words: «turn on Hallway lamp (Brightness 40 %)». */
import { attributeName } from "../../format/value";
import { t, tOr } from "../../language/language.svelte";
import { conditionsText } from "./conditions";
import { durationText } from "./duration";
import { devicesText, firstDevice, listed, modeText, type Names } from "./names";
import { at, isMapping, several, text, wordOf, type Mapping } from "./node";
import { triggersText } from "./triggers";
import { expressionIn, oneValue } from "./value";

const SAY: Record<string, (inner: unknown, names: Names, node: unknown) => string> = {
  command: (inner, names) => {
    const devices = devicesText(at(inner, "device"), at(inner, "endpoint"), names);
    const words = setText(devices, firstDevice(at(inner, "device")), at(inner, "set"), names);
    return during(words, at(inner, "transition"));
  },
  toggle: (inner, names) => {
    const device = devicesText(at(inner, "device"), at(inner, "endpoint"), names);
    return during(t("rules.toggle", { device }), at(inner, "transition"));
  },
  scene: (inner, names) => {
    const scene = names.scene(text(isMapping(inner) ? at(inner, "name") : inner));
    return during(t("rules.scene", { scene }), at(inner, "transition"));
  },
  delay: (inner) => t("rules.delay", { duration: durationText(inner) }),
  wait_for: waitText,
  choose: () => t("rules.choose"),
  if: (inner, names) => t("rules.if", { text: conditionsText(inner, names) }),
  repeat: (inner, names) => {
    const times = at(inner, "times");
    return typeof times === "number"
      ? t("rules.repeat", { count: times })
      : t("rules.repeat_while", { text: conditionsText(at(inner, "while"), names) });
  },
  parallel: () => t("rules.parallel"),
  notify: notifyText,
  set_mode: (inner) => t("rules.set_mode", { mode: modeText(inner) }),
  run: (inner, names) => t("rules.run_rule", { rule: names.rule(text(inner)) }),
  stop: (inner) => t("rules.stop", { reason: text(inner) }),
};

export const ACTIONS = Object.keys(SAY);

/** An action in words; of one with others in it, its head. */
export function actionText(node: unknown, names: Names): string {
  const word = wordOf(node, ACTIONS);
  return word ? (SAY[word]?.(at(node, word), names, node) ?? "") : text(node);
}

const during = (words: string, transition: unknown) =>
  transition === undefined ? words : t("rules.during", { text: words, duration: durationText(transition) });

/** What a command sets. The switch says most; the rest stands behind it. */
export function setText(device: string, reference: string | null, set: unknown, names: Names): string {
  const settings: Mapping = isMapping(set) ? set : {};
  const keys = Object.keys(settings).filter((name) => name !== "note");
  const special = (name: string) => tOr(`rules.set.${name}.${text(settings[name])}`, "", { device });
  const first = keys.includes("on") ? "on" : keys.length === 1 ? keys[0] : undefined;
  const head = first ? special(first) : "";
  const rest = keys
    .filter((name) => !head || name !== first)
    .map((name) => `${attributeName(name)} ${settingText(reference, name, settings[name], names)}`);
  if (!head) return t("rules.set", { device, settings: listed(rest) });
  return rest.length > 0 ? `${head} (${rest.join(", ")})` : head;
}

const settingText = (reference: string | null, name: string, value: unknown, names: Names) =>
  oneValue(names.shape(reference, name), value, names);

function waitText(inner: unknown, names: Names, node: unknown): string {
  const words = t("rules.wait_for", { text: triggersText(inner, names) });
  const timeout = at(node, "timeout");
  if (timeout === undefined) return words;
  const key = at(node, "on_timeout") === "stop" ? "rules.wait_then_stop" : "rules.wait_at_most";
  return t(key, { text: words, duration: durationText(timeout) });
}

function notifyText(inner: unknown, names: Names): string {
  const message = isMapping(inner) ? text(at(inner, "message")) : text(inner);
  const title = text(at(inner, "title"));
  const to = several(at(inner, "to")).map((one) => names.person(text(one)));
  const said = [title, message].filter(Boolean).map(plain).join(": ");
  return t("rules.notify", { people: to.length > 0 ? listed(to) : t("rules.everyone_object"), message: said });
}

/** A text with what is worked out in it marked by dots. */
function plain(words: string): string {
  return expressionIn(words) === null ? words : words.replace(/\{\{.*?\}\}/gs, "…");
}
