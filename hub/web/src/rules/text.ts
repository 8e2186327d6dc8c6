/** A rule's document as YAML text and back. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Document } from "yaml";
import { withComments } from "./comments";
import type { Json, Path } from "./path";

/** A place in a text, both counted from 1. */
export interface Position {
  line: number;
  column: number;
}

export interface Syntax extends Position {
  message: string;
  /** What kind of mistake it is, in the words of the library. */
  code: string;
}

/** What a text says; where it is no YAML, what is wrong. */
export interface Read {
  document: Json | undefined;
  problems: Syntax[];
  /** Where something stands; of what is not there, what it would stand in. */
  positionOf: (path: Path) => Position;
}

export function read(text: string): Read {
  const lines = new LineCounter();
  const tree = parseDocument(text, { version: "1.2", schema: "core", lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // What follows from the first mistake is none of its own.
  const problems = tree.errors
    .slice(0, 1)
    .map(({ message, pos, code }) => ({ ...at(pos[0]), message: firstLine(message), code: code as string }));
  const positionOf = (path: Path) => at(offsetOf(tree, path));
  if (problems.length > 0) return { document: undefined, problems, positionOf };
  try {
    const document = (tree.toJS() ?? null) as Json;
    // Throws where something stands in itself.
    JSON.stringify(document);
    return { document: withComments(text, document, tree.contents, lines), problems, positionOf };
  } catch (error) {
    // An alias that stands in what it names, or too many of them.
    return {
      document: undefined,
      problems: [{ ...at(0), message: (error as Error).message, code: "ALIAS" }],
      positionOf,
    };
  }
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
}

function offsetOf(tree: Document, path: Path): number {
  let node: unknown = tree.contents;
  let offset = isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = (node as { range?: [number] } | undefined)?.range?.[0] ?? offset;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (!pair) return offset;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else {
      return offset;
    }
  }
  return offset;
}

/** Writes a document as the hub does: lists under their key, words that older YAML takes for something else in quotes. */
export function write(document: Json): string {
  return stringify(document, {
    version: "1.2",
    schema: "core",
    compat: "yaml-1.1",
    indentSeq: false,
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
