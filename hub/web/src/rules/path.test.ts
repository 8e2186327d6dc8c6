import { expect, test } from "vitest";
import { differences, get, insert, move, pathOf, pathText, remove, replace, withKey, type Json } from "./path";

const document: Json = { b: [{ x: 1 }, { x: 2, y: { z: 3 } }], a: "same", one: { only: true } };
const text = JSON.stringify(document);

test("paths are written as the hub writes them", () => {
  const path = ["actions", 1, "choose", 0, "do", 2, "command", "set"];
  expect(pathText(path)).toBe("actions[1].choose[0].do[2].command.set");
  expect(pathOf(pathText(path))).toEqual(path);
  expect(pathOf("")).toEqual([]);
});

test("an edit leaves everything else, in its order", () => {
  const edited = replace(document, ["b", 1, "y", "z"], 4);
  expect(JSON.stringify(edited)).toBe(text.replace('"z":3', '"z":4'));
  expect(JSON.stringify(document)).toBe(text);
  expect(get(edited, ["b", 0])).toBe(get(document, ["b", 0]));
});

test("what is put in and taken out again was never there", () => {
  expect(JSON.stringify(remove(insert(document, ["b"], 1, { new: true }), ["b", 1]))).toBe(text);
  expect(JSON.stringify(move(move(document, ["b"], 0, 1), ["b"], 1, 0))).toBe(text);
});

test("one thing in place of a list becomes a list when there are more", () => {
  expect(get(insert(document, ["one"], 1, "two"), ["one"])).toEqual([{ only: true }, "two"]);
  expect(insert({}, ["list"], 0, "first")).toEqual({ list: ["first"] });
});

test("a new key comes in its order", () => {
  expect(Object.keys(withKey({ a: 1, c: 3, own: 0 }, "b", 2, ["a", "b", "c"]))).toEqual(["a", "b", "c", "own"]);
});

test("differences are told by their places", () => {
  expect(differences(document, replace(document, ["b", 1, "x"], 5))).toEqual([{ path: ["b", 1, "x"], from: 2, to: 5 }]);
  expect(differences({ a: 1 }, { a: 1, b: [] })).toEqual([{ path: ["b"], from: undefined, to: [] }]);
});
