/** What keys do in the text of a rule: Tab sets lines in, Enter keeps the indentation. */

export interface Selected {
  text: string;
  start: number;
  end: number;
}

/** What is put in place of what: so that the browser's own undo knows it. */
export interface Typed {
  from: number;
  to: number;
  put: string;
  start: number;
  end: number;
}

const STEP = "  ";

/** Tab: at one place to the next step, of a selection all its lines; `back` takes a step away. */
export function tab({ text, start, end }: Selected, back: boolean): Typed {
  if (start === end && !back) {
    const column = start - lineStart(text, start);
    const put = " ".repeat(STEP.length - (column % STEP.length));
    return { from: start, to: end, put, start: start + put.length, end: start + put.length };
  }
  const from = lineStart(text, start);
  const lines = text.slice(from, end).split("\n");
  const changed = lines.map((line) => (back ? line.replace(/^ {1,2}/, "") : line === "" ? line : STEP + line));
  const put = changed.join("\n");
  const first = (changed[0]?.length ?? 0) - (lines[0]?.length ?? 0);
  return { from, to: end, put, start: Math.max(from, start + first), end: from + put.length };
}

/** Enter: the next line begins below this one, behind `- ` and below `key:` a step further. */
export function enter({ text, start, end }: Selected): Typed {
  const line = text.slice(lineStart(text, start), start);
  const indent = /^[ ]*(?:- +)*/.exec(line)?.[0].replaceAll("-", " ") ?? "";
  const further = /:\s*$/.test(line) && !/^\s*-?\s*$/.test(line) ? STEP : "";
  const put = `\n${indent}${further}`;
  return { from: start, to: end, put, start: start + put.length, end: start + put.length };
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Where a line begins, counted from 1. */
export function offsetOfLine(text: string, line: number, column = 1): number {
  let at = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const next = text.indexOf("\n", at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return Math.min(text.length, at + column - 1);
}
