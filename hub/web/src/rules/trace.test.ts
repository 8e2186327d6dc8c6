import { expect, test } from "vitest";
import type { AutomationRun } from "../api/words";
import { hallway, names } from "./describe/names.fixture";
import { outlineOf } from "./describe/outline";
import { entriesOf } from "./runs";
import { timesOf, traceOf, waitsUntil } from "./trace";

const told = { document: hallway, outline: outlineOf(hallway, names), names };
const run = (more: Partial<AutomationRun>): AutomationRun => ({
  id: "r1",
  revision: 1,
  started_at: "2026-11-26T18:00:00.000Z",
  ended_at: null,
  phase: "waiting",
  detail: null,
  shadow: false,
  trigger: {
    kind: "state",
    path: "triggers[0]",
    device: "demo:motion",
    attribute: "occupancy",
    from: false,
    to: true,
    at: "2026-11-26T18:00:00.000Z",
  },
  conditions: [
    { path: "conditions[0].not", value: "home", as_wanted: false },
    { path: "conditions[1].or[0]", value: false, as_wanted: true, device: "demo:lamp", endpoint: 1, attribute: "on" },
  ],
  actions: [
    { path: "actions[0]", device: "demo:lamp", set: { brightness: 40, on: true } },
    { path: "actions[1]", waits: true } as never,
  ],
  ...more,
});

test("a run that waits says what for and until when", () => {
  const waiting = run({});
  const steps = traceOf(waiting, told);
  expect(steps.map(({ kind, text, detail, good }) => [kind, text, detail, good])).toEqual([
    ["trigger", "when Hallway motion notices motion", "Hallway motion: No motion → Motion", null],
    ["condition", "if not: the home’s mode is Night", "it was: Home", true],
    ["condition", "if Hallway lamp is off", "it was: Off", true],
    ["action", "turn on Hallway lamp (Brightness 40\u202f%)", null, null],
    [
      "wait",
      "wait until Hallway motion notices no more motion and stays so for 2 minutes; 30 minutes at most",
      "still waits",
      null,
    ],
  ]);
  expect(waitsUntil(waiting, told)).toBe("2026-11-26T18:30:00.000Z");
});

test("a run that is over says how it ended, and how long it waited", () => {
  const over = run({
    phase: "finished",
    ended_at: "2026-11-26T18:10:05.000Z",
    conditions: [
      {
        path: "actions[2].choose[0].if",
        value: true,
        as_wanted: true,
        device: "demo:door",
        endpoint: 1,
        attribute: "open",
      },
    ],
    actions: [
      { path: "actions[0]", device: "demo:lamp", set: { on: true } },
      { path: "actions[1]", waits: true },
      { path: "actions[2]", holds: true },
      { path: "actions[2].choose[0].do[0]", delay: "5s" },
      { path: "actions[3]", holds: false },
      { path: "actions[3].then[0].parallel[1]", failed: "gone" },
    ] as never,
  });
  const steps = traceOf(over, told);
  expect(steps.map(({ kind, text, detail, own, at }) => [kind, text, detail ?? own, at?.slice(11, 19)])).toEqual([
    ["trigger", "when Hallway motion notices motion", "Hallway motion: No motion → Motion", "18:00:00"],
    ["action", "turn on Hallway lamp", null, "18:00:00"],
    ["wait", expect.stringContaining("wait until"), "took 10 minutes", "18:00:00"],
    ["condition", "if Front door is open", "it was: Open", undefined],
    ["decision", "if Front door is open", "holds: goes on here", "18:10:00"],
    ["wait", "wait 5 seconds", null, "18:10:00"],
    ["decision", "if the home’s mode is Home", "does not hold: goes on after it", "18:10:05"],
    ["action", "set the home’s mode to Night", "gone", "18:10:05"],
    ["end", "Done", null, "18:10:05"],
  ]);
  expect(waitsUntil(over, told)).toBeNull();
});

test("behind a wait that is not over, and side by side, times are not known", () => {
  const actions = [
    { path: "actions[0].parallel[0][0]", delay: "5s" },
    { path: "actions[0].parallel[1][0]", scene: "x" },
  ] as never;
  expect(timesOf(run({ actions }))).toEqual({
    begin: ["2026-11-26T18:00:00.000Z", null],
    end: [null, null],
  });
});

test("what the stop of the hub did is told with the runs", () => {
  const caught = [
    { automation: "a", name: "A", run: "r1", phase: "resumed", detail: null },
    { automation: "a", name: "A", run: "r0", phase: "missed", detail: "its time was 07:00" },
  ];
  const entries = entriesOf(
    [
      run({}),
      run({ id: "r2", phase: "failed", ended_at: "2026-11-26T17:00:00.000Z", started_at: "2026-11-26T17:00:00.000Z" }),
    ],
    caught,
    "2026-11-26T17:30:00.000Z",
  );
  expect(entries.map(({ id, phase, tone, caught: by }) => [id, phase, tone, by?.phase ?? null])).toEqual([
    ["r1", "waiting", "busy", "resumed"],
    ["r0", "missed", "warn", "missed"],
    ["r2", "failed", "bad", null],
  ]);
});

test("a delay that the hub was down in took longer than it says", () => {
  const actions = [
    { path: "actions[0]", delay: "20s" },
    { path: "actions[1]", notify: "late" },
  ] as never;
  expect(timesOf(run({ actions, ended_at: "2026-11-26T18:01:17.000Z" }))).toEqual({
    begin: ["2026-11-26T18:00:00.000Z", "2026-11-26T18:01:17.000Z"],
    end: ["2026-11-26T18:01:17.000Z", "2026-11-26T18:01:17.000Z"],
  });
});
