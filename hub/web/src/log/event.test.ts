import { expect, test, vi } from "vitest";
import type { HomeEvent } from "../api/words";
import { kindOf, line, type Names } from "./event";

vi.stubGlobal("navigator", { languages: ["en"] });

const names: Names = {
  device: (id) => ({ d1: "Hallway lamp" })[id] ?? id,
  automation: (id) => ({ r1: "Hallway light" })[id] ?? id,
  area: (id) => id,
  person: (id) => ({ u1: "Anna" })[id] ?? id,
  attribute: (_, __, name) =>
    name === "brightness" ? ({ name, kind: "number", unit: "%", access: ["read"], state: {} } as never) : undefined,
  units: "metric",
};
const event = (fields: object): HomeEvent =>
  ({ at: "2026-11-26T18:00:00.000Z", cause: { kind: "report" }, ...fields }) as HomeEvent;

test("a value that changed is told with its names, and why", () => {
  const told = line(
    event({
      kind: "state_changed",
      device: "d1",
      endpoint: 1,
      attribute: "brightness",
      from: 10,
      to: 40,
      cause: { kind: "rule", automation: "r1", run: "x", depth: 0 },
    }),
    names,
  );
  expect(told).toMatchObject({ about: "Hallway lamp", href: "/devices/d1" });
  expect(told?.text).toContain("10\u202f%");
  expect(told?.text).toContain("40\u202f%");
  expect(told?.cause).toContain("Hallway light");
});

test("of a command its end is told", () => {
  const command = {
    kind: "command",
    device: "d1",
    status: "sent",
    outcomes: [{ endpoint: 1, attribute: "brightness", value: 40 }],
  };
  expect(line(event(command), names)).toBeNull();
  expect(line(event({ ...command, status: "confirmed", ended_at: "2026-11-26T18:00:01.000Z" }), names)?.text).toContain(
    "40\u202f%",
  );
});

test("an event of a kind that this app does not know is no error", () => {
  expect(line(event({ kind: "something_new" }), names)).toMatchObject({ about: "something_new" });
  expect(kindOf(event({ kind: "something_new" }))).toBe("home");
});
