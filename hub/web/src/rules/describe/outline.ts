/** A whole rule as a tree of lines in words, each with its place in the document. */
import { t } from "../../language/language.svelte";
import { ACTIONS, actionText } from "./actions";
import { conditionsText, conditionText, GROUPS } from "./conditions";
import type { Names } from "./names";
import { at, isMapping, nodeAt, noteOf, placed, wordOf, type Placed } from "./node";
import { triggerText } from "./triggers";

export interface Line {
  path: string;
  text: string;
  note: string | null;
  parts: Part[];
}

/** Lines below a line, under a few words or none: «otherwise». */
export interface Part {
  label: string | null;
  lines: Line[];
}

export interface Outline {
  note: string | null;
  triggers: Line[];
  conditions: Line[];
  actions: Line[];
}

export function outlineOf(document: unknown, names: Names): Outline {
  return {
    note: noteOf(document),
    triggers: placed(at(document, "triggers"), "triggers").map(({ value, path }) =>
      leaf(value, path, triggerText(value, names)),
    ),
    conditions: conditionLines(at(document, "conditions"), "conditions", names),
    actions: actionLines(at(document, "actions"), "actions", names),
  };
}

const leaf = (node: unknown, path: string, text: string): Line => ({ path, text, note: noteOf(node), parts: [] });

function conditionLines(nodes: unknown, path: string, names: Names): Line[] {
  return placed(nodes, path).map(({ value, path: place }) => {
    const group = wordOf(value, GROUPS);
    if (!group) return leaf(value, place, conditionText(value, names));
    const lines = conditionLines(at(value, group), `${place}.${group}`, names);
    return {
      path: place,
      text: t(`rules.group.${group as "and"}`),
      note: noteOf(value),
      parts: [{ label: null, lines }],
    };
  });
}

function actionLines(nodes: unknown, path: string, names: Names): Line[] {
  return placed(nodes, path).map((node) => ({
    path: node.path,
    text: actionText(node.value, names),
    note: noteOf(node.value),
    parts: partsOf(node, names),
  }));
}

/** What is in an action that has others in it. */
function partsOf({ value, path }: Placed, names: Names): Part[] {
  const below = (key: string, label: string | null): Part[] => {
    const lines = actionLines(at(value, key), `${path}.${key}`, names);
    return lines.length > 0 ? [{ label, lines }] : [];
  };
  switch (wordOf(value, ACTIONS)) {
    case "if":
      return [...below("then", null), ...below("else", t("rules.otherwise"))];
    case "choose": {
      const choices = placed(at(value, "choose"), `${path}.choose`).map(({ value: choice, path: place }) => ({
        label: t("rules.if", { text: conditionsText(at(choice, "if"), names) }),
        lines: actionLines(at(choice, "do"), `${place}.do`, names),
      }));
      return [...choices, ...below("else", t("rules.otherwise"))];
    }
    case "repeat":
      return [{ label: null, lines: actionLines(at(at(value, "repeat"), "do"), `${path}.repeat.do`, names) }];
    case "parallel":
      return placed(at(value, "parallel"), `${path}.parallel`).map(({ value: branch, path: place }, index) => {
        const inner = isMapping(branch) && "do" in branch ? at(branch, "do") : branch;
        const below = inner === branch ? place : `${place}.do`;
        return { label: t("rules.branch", { number: index + 1 }), lines: actionLines(inner, below, names) };
      });
    default:
      return [];
  }
}

/** The lines of a tree, parents before their children. */
export function allLines(lines: Line[]): Line[] {
  return lines.flatMap((line) => [line, ...line.parts.flatMap((part) => allLines(part.lines))]);
}

/** The line at a place, or the nearest that holds it. */
export function lineAt(outline: Outline, path: string): Line | null {
  const holds = (line: Line) =>
    path === line.path || path.startsWith(`${line.path}.`) || path.startsWith(`${line.path}[`);
  const lines = allLines([...outline.triggers, ...outline.conditions, ...outline.actions]).filter(holds);
  return lines.reduce<Line | null>((best, line) => (best && best.path.length >= line.path.length ? best : line), null);
}

/** A condition anywhere in the rule, in words: also those of `if`, `choose` and `while`, which are no lines. */
export function conditionAt(document: unknown, path: string, names: Names): string | null {
  const node = nodeAt(document, path);
  return node === undefined ? null : conditionsText(node, names);
}
