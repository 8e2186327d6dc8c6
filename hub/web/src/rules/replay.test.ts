import { expect, test } from "vitest";
import type { Replay } from "../api/words";
import { names } from "./describe/names.fixture";
import { fromLocalTime, toLocalTime } from "./local-time";
import { daysBetween, marksOf, markText, placeOf, summaryText } from "./replay";

const line = (at: string, run: string, set: object) => ({
  at,
  run,
  automation: "a",
  kind: "command",
  device: "demo:lamp",
  endpoint: 1,
  set,
  text: "…",
});
const replay = (more: Partial<Replay>): Replay => ({
  automation: "a",
  from: "2026-11-25T00:00:00Z",
  to: "2026-11-26T00:00:00Z",
  complete: true,
  events: 10,
  lines: [],
  truncated: false,
  summary: { fired: 0, fired_at_night: 0, commands: 0, scenes: 0, notifications: 0, modes: 0, text: "" },
  differences: null,
  ...more,
});

test("without a present version each run is one mark", () => {
  const lines = [
    line("2026-11-25T02:00:00Z", "1", { on: true }),
    line("2026-11-25T02:05:00Z", "1", { on: false }),
    line("2026-11-25T01:00:00Z", "2", { on: true }),
  ];
  const marks = marksOf(replay({ lines }));
  expect(marks.map(({ at, side, lines: own }) => [at, side, own.length])).toEqual([
    ["2026-11-25T01:00:00Z", "alone", 1],
    ["2026-11-25T02:00:00Z", "alone", 2],
  ]);
  expect(markText(marks[1] as never, names)).toBe("turn on Hallway lamp and turn off Hallway lamp");
});

test("beside the present version marks say on which side they are", () => {
  const same = line("2026-11-25T01:00:00Z", "1", { on: true });
  const other = line("2026-11-25T02:00:00Z", "2", { on: true, brightness: 50 });
  const added = line("2026-11-25T03:00:00Z", "3", { on: true });
  const marks = marksOf(
    replay({
      lines: [same, other, added],
      differences: {
        count: 3,
        only_draft: [other, added],
        only_current: [
          line("2026-11-25T02:00:00Z", "2", { on: true, brightness: 10 }),
          line("2026-11-25T04:00:00Z", "4", { on: true }),
        ],
      },
    }),
  );
  expect(marks.map(({ side, instead }) => [side, instead.length])).toEqual([
    ["same", 0],
    ["other", 1],
    ["new", 0],
    ["old", 1],
  ]);
  expect(markText(marks[3] as never, names)).toBe("turn on Hallway lamp");
});

test("the summary is a sentence", () => {
  const summary = { fired: 14, fired_at_night: 2, commands: 0, scenes: 0, notifications: 0, modes: 0, text: "" };
  expect(summaryText(replay({ summary }))).toBe("It would have fired 14 times, 2 times between 23:00 and 6:00.");
  expect(summaryText(replay({ summary, differences: { count: 1, only_draft: [], only_current: [] } }))).toContain(
    "At one moment it differs",
  );
  expect(summaryText(replay({ differences: { count: 0, only_draft: [], only_current: [] } }))).toBe(
    "It would not have acted at all. That is the same as the present version does.",
  );
});

test("moments stand on the home's clocks", () => {
  expect(placeOf("2026-11-25T23:30:00Z", "Europe/Berlin")).toEqual({ day: "2026-11-26", minute: 30 });
  expect(daysBetween("2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z", "Europe/Berlin")).toEqual([
    "2026-10-24",
    "2026-10-25",
    "2026-10-26",
  ]);
  expect(toLocalTime("2026-11-25T23:30:10Z", "Europe/Berlin")).toBe("2026-11-26T00:30");
  expect(fromLocalTime("2026-11-26T00:30", "Europe/Berlin")).toBe("2026-11-25T23:30:00.000Z");
  expect(fromLocalTime("2026-10-25T12:00", "Europe/Berlin")).toBe("2026-10-25T11:00:00.000Z");
  expect(fromLocalTime("", "Europe/Berlin")).toBeNull();
});
