import { expect, test } from "vitest";
import { angleOf, arc, pointAt, valueAt, WHOLE } from "./dial";

const ends = { min: 5, max: 30 };

test("values stand along the arc, from the lower left over the top", () => {
  expect([5, 17.5, 30].map((value) => angleOf(value, ends))).toEqual([-120, 0, 120]);
  expect([-40, 99].map((value) => angleOf(value, ends))).toEqual([-120, 120]);
  expect(angleOf(20, { min: 20, max: 20 })).toBe(-120);
});

test("where a value stands, a hand means it", () => {
  for (let value = 5; value <= 30; value += 0.5) {
    expect(valueAt(pointAt(angleOf(value, ends)), ends, 0.5)).toBeCloseTo(value);
  }
});

test("a hand means whole steps, and nothing beyond the ends", () => {
  expect(valueAt({ x: 0.3, y: -50 }, ends, 0.5)).toBe(17.5);
  expect(valueAt({ x: -1, y: 80 }, ends, 0.5)).toBe(5);
  expect(valueAt({ x: 1, y: 80 }, ends, 0.5)).toBe(30);
  // The last step may be shorter than the others.
  expect(valueAt({ x: 1, y: 80 }, { min: 5, max: 6.2 }, 0.5)).toBe(6);
  expect(valueAt({ x: 0, y: -1 }, { min: 0, max: 0.6 }, 0.1)).toBe(0.3);
});

test("the arc is one piece", () => {
  expect(WHOLE).toBe("M-43.30 25.00A50 50 0 1 1 43.30 25.00");
  expect(arc(-30, 30)).toMatch(/A50 50 0 0 1 /);
});
