/** What can be chosen for a field: its words, or things of this home. */
import { human } from "../format/value";
import { session } from "../home/session.svelte";
import { t, tOr } from "../language/language.svelte";
import { ruleHome } from "./home.svelte";
import { AVAILABILITIES, SUN_EVENTS, type Field, type FieldKind } from "./language";
import { modeText, placeText } from "./phrases";

export interface Option {
  value: string;
  label: string;
}

const words = (prefix: string, list: readonly string[]): Option[] =>
  list.map((value) => ({ value, label: tOr(`${prefix}.${value}`, human(value)) }));

const places = (): Option[] => ["home", "away", ...ruleHome.zones].map((value) => ({ value, label: placeText(value) }));
const modes = (): Option[] => ruleHome.modes.map((value) => ({ value, label: modeText(value) }));
const persons = (): Option[] => ruleHome.people.map(({ id, name }) => ({ value: id, label: name }));

const OPTIONS: Partial<Record<FieldKind, (field: Field) => Option[]>> = {
  sun: () => words("rule.sun", SUN_EVENTS),
  availability: () => words("rule.availability", AVAILABILITIES),
  place: places,
  places,
  mode: modes,
  modes,
  person: persons,
  recipients: persons,
  scene: () => ruleHome.scenes.map(({ id, name }) => ({ value: id, label: name })),
  rule: () => [...session.live.automations.values()].map(({ id, name }) => ({ value: id, label: name })),
  word: ({ key, words: list = [] }) => words(`rule.word.${key}`, list),
};

/** None = what is wanted is no choice of some. */
export function optionsOf(field: Field): Option[] | null {
  return OPTIONS[field.holds]?.(field) ?? null;
}

/** The option that a value of a document names, by id or by name; of what is not there one of its own. */
export function optionsWith(options: Option[], values: string[]): Option[] {
  const missing = values.filter((value) => value !== "" && !chosen(options, value));
  return [...options, ...missing.map((value) => ({ value, label: t("rule.not_there", { name: value }) }))];
}

export function chosen(options: Option[], value: string): Option | undefined {
  return options.find((option) => option.value === value) ?? options.find(({ label }) => label === value);
}
