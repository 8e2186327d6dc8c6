import { expect, test } from "vitest";
import { dayFrom, dayOf, moved, startOf, textOf, weekday } from "./zone";

const iso = (at: number) => new Date(at).toISOString();

test("a day begins by the home's clocks", () => {
  expect(iso(startOf({ year: 2026, month: 11, day: 26 }, "Europe/Berlin"))).toBe("2026-11-25T23:00:00.000Z");
  expect(iso(startOf({ year: 2026, month: 7, day: 1 }, "America/New_York"))).toBe("2026-07-01T04:00:00.000Z");
  expect(iso(startOf({ year: 2026, month: 1, day: 1 }, "Asia/Kolkata"))).toBe("2025-12-31T18:30:00.000Z");
});

test("days on which clocks change have 23 and 25 hours", () => {
  const hours = (day: { year: number; month: number; day: number }) =>
    (startOf(moved(day, { day: 1 }), "Europe/Berlin") - startOf(day, "Europe/Berlin")) / 3_600_000;
  expect(hours({ year: 2027, month: 3, day: 28 })).toBe(23);
  expect(hours({ year: 2027, month: 10, day: 31 })).toBe(25);
});

test("where clocks go forward at midnight, the day begins at one", () => {
  const day = { year: 2026, month: 9, day: 6 };
  expect(dayOf(startOf(day, "America/Santiago"), "America/Santiago")).toEqual(day);
});

test("days are moved over the ends of months", () => {
  expect(moved({ year: 2026, month: 12, day: 31 }, { day: 1 })).toEqual({ year: 2027, month: 1, day: 1 });
  expect(moved({ year: 2026, month: 1, day: 1 }, { month: -1 })).toEqual({ year: 2025, month: 12, day: 1 });
  expect(weekday({ year: 2026, month: 11, day: 26 })).toBe(3);
});

test("a day is read from an address", () => {
  expect(dayFrom("2026-02-28")).toEqual({ year: 2026, month: 2, day: 28 });
  for (const wrong of ["2026-02-30", "2026-2-3", "yesterday", "", null]) expect(dayFrom(wrong)).toBeNull();
  expect(textOf({ year: 2026, month: 3, day: 4 })).toBe("2026-03-04");
});
