import { expect, test } from "vitest";
import type { Area } from "../api/words";
import { floors, inOrder, positions, taken } from "./order";

const area = (id: string, position: number | null, floor: string | null = null): Area => ({
  id,
  name: id,
  position,
  floor,
});
const compare = (a: string, b: string) => a.localeCompare(b);
const ids = (areas: Area[]) => areas.map(({ id }) => id);

test("rooms with a place come first, the others by name", () => {
  expect(ids(inOrder([area("c", null), area("b", null), area("z", 0), area("y", 0), area("x", 1)], compare))).toEqual([
    "y",
    "z",
    "x",
    "b",
    "c",
  ]);
});

test("one is taken to another place", () => {
  expect(taken(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(taken(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(taken(["a", "b", "c"], 1, 99)).toEqual(["a", "c", "b"]);
  expect(taken(["a"], 5, 0)).toEqual(["a"]);
});

test("only positions that differ are written", () => {
  expect(positions([area("a", 0), area("c", 2), area("b", 1)])).toEqual([
    { id: "c", position: 1 },
    { id: "b", position: 2 },
  ]);
});

test("each floor is told once", () => {
  expect(floors([area("a", 0, "Ground"), area("b", 1), area("c", 2, "First"), area("d", 3, "Ground")])).toEqual([
    "Ground",
    "First",
  ]);
});
