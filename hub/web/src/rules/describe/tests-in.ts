/** The tests that stand in a rule, in words. */
import { t, tOr } from "../../language/language.svelte";
import { setText } from "./actions";
import { durationText } from "./duration";
import { attributeText, devicesText, firstDevice, modeText, type Names } from "./names";
import { at, isMapping, placed, several, text } from "./node";
import { anyValue } from "./value";

export interface RuleTest {
  path: string;
  name: string;
  given: string[];
  when: string[];
  /** Empty = it does nothing. */
  then: string[];
}

export function testsOf(document: unknown, names: Names): RuleTest[] {
  return placed(at(document, "tests"), "tests").map(({ value, path }) => ({
    path,
    name: text(at(value, "name")),
    given: givenIn(at(value, "given"), names),
    when: several(at(value, "when")).map((one) => happeningText(one, names)),
    then: several(at(value, "then")).map((one) => effectText(one, names)),
  }));
}

function givenIn(given: unknown, names: Names): string[] {
  const presence = at(given, "presence");
  return [
    ...several(at(given, "time")).map((time) => t("rules.it_is", { time: text(time) })),
    ...several(at(given, "mode")).map((mode) => t("rules.mode_is", { mode: modeText(mode) })),
    ...Object.entries(isMapping(presence) ? presence : {}).map(([person, place]) => presenceText(person, place, names)),
    ...several(at(given, "states")).map((state) => happeningText(state, names)),
  ];
}

function happeningText(node: unknown, names: Names): string {
  const after = at(node, "after");
  const words = whatHappens(node, names);
  if (after === undefined) return words;
  const duration = durationText(after);
  return words ? t("rules.test_later", { duration, text: words }) : t("rules.test_pass", { duration });
}

function whatHappens(node: unknown, names: Names): string {
  const device = at(node, "device");
  if (device !== undefined) {
    const what = devicesText(device, at(node, "endpoint"), names);
    if (at(node, "availability") !== undefined) {
      const to = text(at(node, "availability"));
      return tOr(`rules.is_${to}`, `${what}: ${to}`, { device: what });
    }
    const attribute = text(at(node, "attribute") ?? at(node, "event"));
    const value = anyValue(names.shape(firstDevice(device), attribute), at(node, "value"), names);
    return t("rules.test_value", { what: attributeText({ ...(node as object), attribute }, names), value });
  }
  if (at(node, "mode") !== undefined) return t("rules.mode_becomes", { mode: modeText(at(node, "mode")) });
  if (at(node, "person") !== undefined) return presenceText(text(at(node, "person")), at(node, "presence"), names);
  if (at(node, "webhook") !== undefined) return t("rules.webhook");
  return at(node, "down") === undefined ? "" : t("rules.test_down", { duration: durationText(at(node, "down")) });
}

function presenceText(person: string, place: unknown, names: Names): string {
  const key = place === "home" || place === "away" ? place : "zone";
  return tOr(`rules.is_${key}.one`, text(place), { person: names.person(person), place: text(place) });
}

function effectText(node: unknown, names: Names): string {
  const device = at(node, "device");
  if (device !== undefined) {
    return setText(devicesText(device, at(node, "endpoint"), names), firstDevice(device), at(node, "set"), names);
  }
  if (at(node, "scene") !== undefined) return t("rules.scene", { scene: names.scene(text(at(node, "scene"))) });
  if (at(node, "set_mode") !== undefined) return t("rules.set_mode", { mode: modeText(at(node, "set_mode")) });
  const whom = at(node, "notify");
  return typeof whom === "string"
    ? t("rules.test_notify", { people: names.person(whom) })
    : t("rules.test_notify", { people: t("rules.somebody") });
}
