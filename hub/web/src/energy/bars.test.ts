import { expect, test } from "vitest";
import type { EnergyBucket } from "../api/words";
import { bars, stretchText } from "./bars";
import { stretch } from "./period";

const words = { locale: "en-GB", zone: "Europe/Berlin" };
const bucket = (from: string, to: string, kwh: number | null): EnergyBucket => ({
  start: from,
  from,
  to,
  kwh,
  cost: null,
  estimated: false,
  estimated_kwh: 0,
});

test("bars have the home's hours, and those of the day before", () => {
  const now = [bucket("2026-11-26T13:00:00Z", "2026-11-26T14:00:00Z", 0.5)];
  const before = [bucket("2026-11-25T13:00:00Z", "2026-11-25T14:00:00Z", null)];
  expect(bars("day", now, before, words)).toMatchObject([
    { label: "14", title: "14:00–15:00", value: 0.5, before: null, estimated: false },
  ]);
});

test("a period is called as people call it", () => {
  const day = { year: 2026, month: 11, day: 26 };
  expect(stretchText(stretch("day", day, words.zone), words)).toMatch(/^Thu,? 26 November 2026$/);
  expect(stretchText(stretch("week", day, words.zone), words)).toMatch(/^23\s?–\s?29 November 2026$/);
  expect(stretchText(stretch("month", day, words.zone), words)).toBe("November 2026");
  expect(stretchText(stretch("year", day, words.zone), words)).toBe("2026");
});
