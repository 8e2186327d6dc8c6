import { expect, test } from "vitest";
import { readDuration, readOffset, tidyDuration, writeDuration } from "./duration";

test("lengths of time are read as the hub reads them", () => {
  const table: [string, number | null][] = [
    ["2m", 120_000],
    ["1h 30m", 5_400_000],
    ["500ms", 500],
    ["1d", 86_400_000],
    ["00:02:30", 150_000],
    ["", null],
    ["2", null],
    ["30m1h", null],
    ["400d", null],
    ["{{ x }}", null],
  ];
  for (const [text, milliseconds] of table) expect(readDuration(text), text).toBe(milliseconds);
  expect(readOffset("-20m")).toBe(-1_200_000);
  expect(writeDuration(5_430_000)).toBe("1h30m30s");
});

test("what people type becomes what the hub takes", () => {
  const table: [string, string | null][] = [
    ["5", "5m"],
    ["1,5 h", "1h30m"],
    ["90 min", "1h30m"],
    ["2 Minuten", "2m"],
    ["1 hour 30 minutes", "1h30m"],
    ["20 sec", "20s"],
    ["1h30m", "1h30m"],
    ["soon", null],
  ];
  for (const [text, tidy] of table) expect(tidyDuration(text), text).toBe(tidy);
});
