import { expect, test } from "vitest";
import { changed, lately, RANGES, resolution } from "./window";

const now = Date.UTC(2026, 10, 26, 12);

test.each([
  ["hour", "raw"],
  ["day", "5m"],
  ["week", "1h"],
  ["month", "1h"],
  ["year", "1d"],
] as const)("a %s of numbers is asked for as %s", (range, wanted) => {
  expect(resolution("number", lately(range, now))).toBe(wanted);
});

test("states have no mean", () => {
  expect(resolution("bool", lately("month", now))).toBe("raw");
});

test("nearer keeps the middle", () => {
  const day = lately("day", now);
  const nearer = changed(day, { times: 0.5 }, now);
  expect(nearer.to - nearer.from).toBe(RANGES.day / 2);
  expect(nearer.from + nearer.to).toBe(day.from + day.to);
});

test("nothing is shown of the future", () => {
  expect(changed(lately("day", now), { by: 0.5 }, now).to).toBe(now);
  expect(changed(lately("day", now), { times: 2 }, now)).toEqual({ from: now - 2 * RANGES.day, to: now, live: false });
});
