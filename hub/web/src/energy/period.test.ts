import { expect, test } from "vitest";
import { isAhead, isUnderWay, periods, stretch } from "./period";

const zone = "Europe/Berlin";
const iso = (at: number) => new Date(at).toISOString();
const thursday = { year: 2026, month: 11, day: 26 };

test("periods begin where people say that they do", () => {
  const begins = Object.fromEntries(periods.map((period) => [period, iso(stretch(period, thursday, zone).from)]));
  expect(begins).toEqual({
    day: "2026-11-25T23:00:00.000Z",
    week: "2026-11-22T23:00:00.000Z",
    month: "2026-10-31T23:00:00.000Z",
    year: "2025-12-31T23:00:00.000Z",
  });
});

test("each ends where the next begins", () => {
  for (const period of periods) {
    const now = stretch(period, thursday, zone);
    expect(now.to).toBe(stretch(period, thursday, zone, 1).from);
    expect(now.from).toBe(stretch(period, thursday, zone, -1).to);
  }
});

test("the month before the 31st is the month before", () => {
  expect(stretch("month", { year: 2027, month: 3, day: 31 }, zone, -1).first).toEqual({ year: 2027, month: 2, day: 1 });
});

test("now lies in one of them", () => {
  const now = Date.parse("2026-11-26T18:40:00Z");
  expect(isUnderWay(stretch("week", thursday, zone), now)).toBe(true);
  expect(isUnderWay(stretch("week", thursday, zone, -1), now)).toBe(false);
  expect(isAhead(stretch("day", thursday, zone, 1), now)).toBe(true);
});
