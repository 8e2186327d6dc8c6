import { expect, test } from "vitest";
import type { Why } from "../../api/words";
import { steps, type Known } from "./why";

const known: Known = {
  attribute: () => undefined,
  device: (id) => `(${id})`,
  rule: (id) => id,
  units: "metric",
};
const why = (chain: unknown[]) => ({ chain }) as Why;

test("a lamp that a rule switched on is told from its cause", () => {
  const told = steps(
    why([
      {
        kind: "state",
        device: "d:lamp",
        name: "Lamp",
        endpoint: 1,
        attribute: "on",
        from: false,
        to: true,
        at: "2026-11-21T18:00:05.120Z",
      },
      {
        kind: "command",
        device: "d:lamp",
        status: "confirmed",
        outcomes: [{ endpoint: 1, attribute: "on", value: true, status: "confirmed" }],
        accepted_at: "2026-11-21T18:00:05.000Z",
        sent_at: "2026-11-21T18:00:05.002Z",
        confirmed_at: "2026-11-21T18:00:05.120Z",
      },
      {
        kind: "run",
        automation: "hall light",
        name: "Hall light",
        revision: 3,
        conditions: [
          { path: "conditions[0]", device: "d:lamp", endpoint: 1, attribute: "on", value: false, as_wanted: true },
        ],
        trigger: { kind: "state", device: "d:motion", attribute: "occupancy", to: true },
      },
      { kind: "device", device: "d:motion", name: "Motion", event: null },
    ]),
    known,
  );
  expect(told.map(({ who, href }) => [who, href])).toEqual([
    ["Motion", "/devices/d%3Amotion"],
    ["Hall light", "/rules/hall%20light"],
    ["The hub sent", null],
    ["Lamp", "/devices/d%3Alamp"],
  ]);
  expect(told[1]?.what).toContain("(d:motion)");
  expect(told[1]?.details).toEqual([{ text: "(d:lamp): Off", tone: "good" }]);
  expect(told[2]?.details.map(({ tone }) => tone)).toEqual(["soft", "good"]);
  expect(told[3]?.what).toBe("Off → On");
});

test("a condition on no device is told without its place in the document", () => {
  const run = { kind: "run", automation: "r", name: "R", revision: 1, trigger: null };
  const condition = { path: "conditions[0]", as_wanted: true };
  const of = (value: unknown) =>
    steps(why([{ ...run, conditions: [{ ...condition, value }] }]), known)[0]?.details[0]?.text;
  expect(of("23:00")).toBe("Condition 1: 23:00");
  expect(of(true)).toBe("Condition 1");
});

test("what may not be seen is said to be so", () => {
  expect(steps(why([{ kind: "hidden", what: "person" }]), known)[0]?.what).toContain("may not see");
});

test("what a newer hub tells is no error", () => {
  expect(steps(why([{ kind: "dream" }]), known)[0]?.what).not.toBe("");
});
