import { expect, test } from "vitest";
import { enter, offsetOfLine, tab, type Selected, type Typed } from "./typing";

const done = ({ text }: Selected, { from, to, put }: Typed) => text.slice(0, from) + put + text.slice(to);
const at = (marked: string): Selected => {
  const [before = "", inside = "", after] = marked.split("|");
  const end = after === undefined ? before.length : before.length + inside.length;
  return { text: before + inside + (after ?? ""), start: before.length, end };
};

test("Tab goes to the next step, and sets a selection in or out", () => {
  const table: [string, boolean, string][] = [
    ["a|", false, "a "],
    ["|a", false, "  a"],
    ["x\n|a\nb|\nc", false, "x\n  a\n  b\nc"],
    ["  a\n  |b\n c|", true, "  a\nb\nc"],
    ["    a|", true, "  a"],
  ];
  for (const [marked, back, expected] of table) expect(done(at(marked), tab(at(marked), back)), marked).toBe(expected);
});

test("Enter keeps the indentation", () => {
  const table: [string, string][] = [
    ["triggers:|", "triggers:\n  "],
    ["  - state:|", "  - state:\n      "],
    ["  - time: x|", "  - time: x\n    "],
    ["name: A|", "name: A\n"],
  ];
  for (const [marked, expected] of table) expect(done(at(marked), enter(at(marked))), marked).toBe(expected);
});

test("lines are found", () => {
  expect(offsetOfLine("ab\ncd", 2, 2)).toBe(4);
  expect(offsetOfLine("ab", 9)).toBe(2);
});
