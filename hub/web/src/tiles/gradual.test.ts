import { expect, test } from "vitest";
import { Gradual, tilesOnScreen } from "./gradual.svelte";

/** A list that grows when it is told to. */
function growing(list: Gradual, count: number, looked: () => number | null = () => null) {
  let next: (() => void) | undefined;
  const end = list.grow(count, looked, (then) => {
    next = then;
    return () => (next = undefined);
  });
  return { step: () => next?.(), end };
}
test("what fills the screen is there at once, the rest comes bit by bit", () => {
  const list = new Gradual(6);
  const { step } = growing(list, 20);
  const seen = [list.of(0, 20)];
  for (let at = 0; at < 3; at += 1) {
    step();
    seen.push(list.of(0, 20));
  }
  expect(seen).toEqual([6, 14, 20, 20]);
  // What is added later is there at once.
  expect(list.of(20, 4)).toBe(4);
});

test("the list may have parts", () => {
  const list = new Gradual(6);
  growing(list, 30).step();
  expect([list.of(0, 10), list.of(10, 10), list.of(20, 10)]).toEqual([10, 4, 0]);
});

test("what somebody looks at does not wait for its turn", () => {
  const list = new Gradual(6);
  growing(list, 60, () => 33).step();
  expect(list.of(0, 60)).toBe(41);
});

test("what is called off does not go on", () => {
  const list = new Gradual(0);
  const { step, end } = growing(list, 9);
  end();
  step();
  expect(list.of(0, 9)).toBe(0);
});

test("a phone shows fewer tiles than a desk", () => {
  expect(tilesOnScreen(390, 844)).toBe(10);
  expect(tilesOnScreen(1440, 900)).toBe(55);
});
