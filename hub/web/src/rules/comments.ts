/** Turns the `#` comments of YAML into notes, as the hub does: one on a line of its own belongs to what follows it, one
 *  behind something to that. */
import { isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { get, isMapping, replace, type Json, type Mapping, type Path } from "./path";

/** The mapping of this key has values of devices in it: a note within them would be one of them. */
const VALUES = "set";

interface Comment {
  /** Counted from 1. */
  line: number;
  text: string;
  /** Nothing else stands on its line. */
  alone: boolean;
}

/** The document with the comments of its text as notes. */
export function withComments(text: string, document: Json, tree: Node | null, lines: LineCounter): Json {
  const found = comments(text).filter((comment) => comment.text !== "");
  if (found.length === 0 || !tree) return document;
  const anchors: { line: number; path: Path }[] = [];
  collect(tree, false, [], lines, anchors);
  anchors.sort((one, other) => one.line - other.line);
  let noted = document;
  for (const comment of found) {
    const preceding = anchors.findLast(({ line }) => line <= comment.line);
    const following = anchors.find(({ line }) => line > comment.line);
    const anchor = comment.alone ? (following ?? preceding) : (preceding ?? following);
    const mapping = anchor && get(noted, anchor.path);
    if (anchor && isMapping(mapping)) noted = replace(noted, anchor.path, noteAdded(mapping, comment.text));
  }
  return noted;
}

/** Every line on which a key of a mapping stands. `values`: the node is the mapping of values itself. */
function collect(
  node: unknown,
  values: boolean,
  path: Path,
  lines: LineCounter,
  anchors: { line: number; path: Path }[],
): void {
  if (isSeq(node)) node.items.forEach((item, index) => collect(item, false, [...path, index], lines, anchors));
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    if (key.range) anchors.push({ line: lines.linePos(key.range[0]).line, path });
    if (!values) collect(value, key.value === VALUES, [...path, String(key.value)], lines, anchors);
  }
}

function noteAdded(mapping: Mapping, text: string): Mapping {
  const note = mapping["note"];
  if (note === undefined) return { ...mapping, note: text };
  return typeof note === "string" ? { ...mapping, note: `${note}\n${text}` } : mapping;
}

/** The comments of a text that is known to be YAML. */
export function comments(text: string): Comment[] {
  const found: Comment[] = [];
  let quote: string | null = null;
  // How far the line is indented that began a text of several lines.
  let block: number | null = null;
  text.split(/\r?\n/).forEach((line, index) => {
    const indent = line.length - line.trimStart().length;
    if (block !== null && (line.trim() === "" || indent > block)) return;
    block = null;
    const { at, open } = commentStart(line, quote);
    quote = open;
    const before = at === null ? line : line.slice(0, at);
    if (at !== null) {
      const words = line
        .slice(at + 1)
        .replace(/^ /, "")
        .trimEnd();
      found.push({ line: index + 1, text: words, alone: before.trim() === "" });
    }
    if (quote === null && /[ :-][|>](?:[+-]?\d?|\d[+-])$/.test(before.trimEnd())) block = indent;
  });
  return found;
}

/** Where the comment of a line starts, and which quotation mark is open at its end. */
function commentStart(line: string, outer: string | null): { at: number | null; open: string | null } {
  let open = outer;
  let before = " ";
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] as string;
    const isBehindSpace = /\s/.test(before);
    if (open === '"' && letter === "\\") at += 1;
    // A doubled one stands for itself.
    else if (open === "'" && letter === "'" && line[at + 1] === "'") at += 1;
    else if (open !== null) open = letter === open ? null : open;
    else if (letter === "#" && isBehindSpace) return { at, open };
    else if ((letter === '"' || letter === "'") && (isBehindSpace || "[{,:".includes(before))) open = letter;
    before = letter;
  }
  return { at: null, open };
}
