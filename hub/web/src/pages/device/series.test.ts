import { expect, test } from "vitest";
import { at, boundsOf, ends, line, pieces, room } from "./series";

const from = Date.UTC(2026, 10, 26, 12);
const hour = { from, to: from + 3_600_000, live: true };
const time = (minute: number) => new Date(from + minute * 60_000).toISOString();
const begin = from / 1000;

test("what held before goes on until the first change, and the last until the end", () => {
  const rows = [
    { at: time(10), value: true },
    { at: time(20), value: false },
  ];
  expect(pieces(rows, hour, false)).toEqual([
    { from: begin, to: begin + 600, value: false },
    { from: begin + 600, to: begin + 1200, value: true },
    { from: begin + 1200, to: begin + 3600, value: false },
  ]);
});

test("without anything known there is nothing to draw", () => {
  expect(pieces([], hour, null)).toEqual([]);
  expect(ends(line([], "raw", hour, null))).toBeNull();
});

test("raw numbers hold until the next", () => {
  const found = line([{ at: time(30), value: 21 }], "raw", hour, 20);
  expect(found).toMatchObject({ at: [begin, begin + 1800, begin + 3600], mean: [20, 21, 21], least: null });
  expect(at(found, begin + 1799)).toBe(0);
  expect(at(found, begin - 1)).toBeNull();
});

test("sums stand in the middle of their stretch, with their ends", () => {
  const found = line([{ at: time(0), min: 1, mean: 2, max: 4, count: 9 }], "5m", hour, null);
  expect(found).toEqual({ at: [begin + 150], mean: [2], least: [1], most: [4] });
  expect(ends(found)).toEqual({ least: 1, most: 4 });
});

test("an axis has room, but shows nothing that cannot be", () => {
  const percent = boundsOf({ unit: "%" });
  expect(room(40, 100, percent)).toEqual([40 - 60 * 0.08, 100]);
  expect(room(0, 50, percent)).toEqual([0, 54]);
  expect(room(100, 100, percent)).toEqual([95, 100]);
  expect(room(10, 120, percent)[1]).toBe(120);
  expect(room(153, 370, boundsOf({ unit: "mired", min: 153, max: 370 }))).toEqual([153, 370]);
  expect(room(-5, 20, boundsOf({ unit: "°C" }))).toEqual([-7, 22]);
  expect(room(1, 21, boundsOf({ unit: "W" }))).toEqual([0, 22.6]);
});
