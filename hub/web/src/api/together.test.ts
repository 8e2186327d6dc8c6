import { expect, test } from "vitest";
import { Together } from "./together";

/** With frames that are drawn when the test says so. */
function begun() {
  const given: number[] = [];
  let next: (() => void) | null = null;
  let asked = 0;
  const together = new Together<number>(
    (one) => given.push(one),
    (then) => {
      asked += 1;
      next = then;
      return () => (next = null);
    },
  );
  const draw = () => {
    const then = next;
    next = null;
    then?.();
  };
  return { together, given, draw, asked: () => asked };
}

test("what comes between two frames is given on together, in order", () => {
  const { together, given, draw, asked } = begun();
  for (const one of [1, 2, 3]) together.add(one);
  expect([given, together.isWaiting, asked()]).toEqual([[], true, 1]);
  draw();
  expect([given, together.isWaiting]).toEqual([[1, 2, 3], false]);
  together.add(4);
  draw();
  expect([given, asked()]).toEqual([[1, 2, 3, 4], 2]);
});

test("what is not wanted any more is not given", () => {
  const { together, given, draw } = begun();
  together.add(1);
  together.clear();
  draw();
  expect([given, together.isWaiting]).toEqual([[], false]);
  together.add(2);
  draw();
  expect(given).toEqual([2]);
});
