import { expect, test } from "vitest";
import { DAY, HOUR, leastSpread, means, path } from "./spark";

const now = Date.parse("2026-05-02T12:00:00Z");
const hour = (ago: number, mean: number) => ({ at: now - ago * HOUR, mean });

test("a mean stands in the middle of its hour", () => {
  expect(means([{ at: "2026-05-02T11:00:00Z", mean: 3 }])).toEqual([{ at: now - HOUR / 2, mean: 3 }]);
});

test("the line goes from a day ago to now, from the least to the most", () => {
  expect(path([hour(24 - 1e-6, 10), hour(23, 15), hour(22, 20)], now, 1)).toBe("M0.0 100.0L4.2 50.0L8.3 0.0");
});

test("where nothing is known there is no line", () => {
  expect(path([hour(10, 1), hour(9, 2), hour(5, 1), hour(4, 2)], now, 1).match(/M/g)).toHaveLength(2);
  expect(path([hour(3, 1)], now, 1)).toBe("");
  expect(path([{ at: now - 2 * DAY, mean: 1 }, hour(3, 1)], now, 1)).toBe("");
});

test("what hardly changes is drawn as that, in the middle", () => {
  expect(path([hour(12, 20), hour(11, 20)], now, leastSpread("°C"))).toBe("M50.0 50.0L54.2 50.0");
  expect(path([hour(12, 20), hour(11, 20.2)], now, leastSpread("°C"))).toBe("M50.0 55.0L54.2 45.0");
});
