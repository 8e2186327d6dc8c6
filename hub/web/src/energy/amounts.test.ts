import { expect, test } from "vitest";
import type { EnergyBucket } from "../api/words";
import { change, isEmpty, scale, until } from "./amounts";

const hour = (at: number, kwh: number | null): EnergyBucket => ({
  start: "",
  from: new Date(at * 3_600_000).toISOString(),
  to: new Date((at + 1) * 3_600_000).toISOString(),
  kwh,
  cost: null,
  estimated: false,
  estimated_kwh: 0,
});

test("what was taken until a moment has a part of the hour that it lies in", () => {
  const buckets = [hour(0, 1), hour(1, 2), hour(2, 4)];
  expect(until(buckets, 2.25 * 3_600_000)).toEqual({ kwh: 4, whole: true });
  expect(until(buckets, 99 * 3_600_000)).toEqual({ kwh: 7, whole: true });
});

test("what was not measured is not zero", () => {
  expect(until([hour(0, null)], 3_600_000)).toEqual({ kwh: null, whole: false });
  expect(until([hour(0, null), hour(1, 0)], 7_200_000)).toEqual({ kwh: 0, whole: false });
  expect(isEmpty([hour(0, null)])).toBe(true);
  expect(isEmpty([hour(0, null), hour(1, 0)])).toBe(false);
});

test("with nothing before there is nothing to compare", () => {
  expect(change(3, 2)).toBe(0.5);
  for (const before of [null, undefined, 0]) expect(change(3, before)).toBeNull();
  expect(change(null, 2)).toBeNull();
});

test.each([
  [7.3, 8],
  [0.031, 0.04],
  [1, 1],
  [24, 25],
  [101, 125],
])("an axis for %d ends at %d", (most, top) => {
  const found = scale(most);
  expect(found.top).toBeCloseTo(top, 9);
  expect(found.steps.length).toBeLessThanOrEqual(6);
});

test("an axis of nothing has an end all the same", () => {
  expect(scale(0).top).toBe(1);
});
