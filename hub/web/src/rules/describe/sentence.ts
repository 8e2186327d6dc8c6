/** A rule in one sentence. */
import { t } from "../../language/language.svelte";
import { ACTIONS, actionText } from "./actions";
import { conditionText } from "./conditions";
import { listed, type Names } from "./names";
import { at, placed, several, wordOf } from "./node";
import { triggerText } from "./triggers";

/** How much of each is said; of more, that there is more. */
const TRIGGERS = 2;
const CONDITIONS = 2;
const STEPS = 3;

export function sentenceOf(document: unknown, names: Names): string {
  const triggers = some(several(at(document, "triggers")), TRIGGERS, (node) => triggerText(node, names));
  const wanted = several(at(document, "conditions"));
  const conditions = some(wanted, CONDITIONS, (node) =>
    wanted.length > 1 && wordOf(node, ["and", "or"]) ? `(${conditionText(node, names)})` : conditionText(node, names),
  );
  const steps = stepsIn(at(document, "actions"), names);
  const actions = steps.slice(0, STEPS).join(", ") + (steps.length > STEPS ? " …" : ".");
  const when = listed(triggers, "disjunction");
  return conditions.length > 0
    ? t("rules.sentence_if", { when, conditions: listed(conditions), actions })
    : t("rules.sentence", { when, actions });
}

function some(nodes: unknown[], most: number, say: (node: unknown) => string): string[] {
  // One more is said as quickly as that there is one more.
  if (nodes.length <= most + 1) return nodes.map(say);
  return [...nodes.slice(0, most).map(say), t("rules.more", { count: nodes.length - most })];
}

/** What is done, those inside of others too: what a choice chooses from says more than that it chooses. */
function stepsIn(nodes: unknown, names: Names): string[] {
  return several(nodes).flatMap((node) => {
    const word = wordOf(node, ACTIONS);
    const inner = (value: unknown) => stepsIn(value, names);
    const either = (...ways: string[][]) => {
      const words = ways.filter((way) => way.length > 0).map((way) => way.join(", "));
      return words.length > 0 ? [listed(words, "disjunction")] : [];
    };
    switch (word) {
      case "if":
        return either(inner(at(node, "then")), inner(at(node, "else")));
      case "choose": {
        const choices = several(at(node, "choose")).map((choice) => inner(at(choice, "do")));
        return either(...choices, inner(at(node, "else")));
      }
      case "repeat":
        return inner(at(at(node, "repeat"), "do"));
      case "parallel":
        return placed(at(node, "parallel"), "").flatMap(({ value }) => inner(at(value, "do") ?? value));
      default:
        return [actionText(node, names)];
    }
  });
}
