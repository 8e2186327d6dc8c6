import { expect, test } from "vitest";
import { begun, found, heard, left, mark, shown, type Pairing, type PairingEvent } from "./pairing";

const event = (stage: string, more: Partial<PairingEvent> = {}): PairingEvent =>
  ({ kind: "pairing", session: "s", driver: "d", stage, next_step: `after ${stage}`, ...more }) as PairingEvent;
const told = (...events: PairingEvent[]): Pairing => events.reduce(heard, begun("s", "d"));

test("a device goes through its stages", () => {
  const { newcomers, nextStep } = told(
    event("waiting"),
    event("heard"),
    event("joined", { device: "d:1" }),
    event("keys", { device: "d:1", ask: { kind: "pin", fields: ["pin"] } }),
  );
  expect(nextStep).toBe("after waiting");
  expect(newcomers).toHaveLength(1);
  expect(newcomers[0]).toMatchObject({ device: "d:1", stage: "keys", ask: { kind: "pin" }, nextStep: "after keys" });
  const one = newcomers[0];
  expect(one && [mark(one, "joined"), mark(one, "keys"), mark(one, "identified")]).toEqual(["done", "now", "to_come"]);
});

test("an answered question is gone with the next event", () => {
  const { newcomers } = told(
    event("keys", { device: "d:1", ask: { kind: "pin", fields: ["pin"] } }),
    event("keys", { device: "d:1" }),
  );
  expect(newcomers[0]?.ask).toBeNull();
});

test("several come one beside the other", () => {
  const { newcomers } = told(
    event("heard", { device: "d:1" }),
    event("joined", { device: "d:1" }),
    event("heard", { device: "d:2" }),
    event("confirmed", { device: "d:1" }),
    event("failed", { device: "d:2" }),
  );
  expect(newcomers.map(({ device, stage, failed }) => [device, stage, failed])).toEqual([
    ["d:1", "confirmed", false],
    ["d:2", "heard", true],
  ]);
});

test("what fails without a name is the one under way, or the opening", () => {
  expect(told(event("heard"), event("failed")).newcomers[0]?.failed).toBe(true);
  expect(told(event("heard"), event("failed")).state).toBe("open");
  expect(told(event("failed")).state).toBe("failed");
});

test("who failed is gone with the next search, who came in stays", () => {
  const newcomer = { number: 1, device: null, stage: "keys", ask: null, nextStep: "", failed: true } as const;
  const first = { ...begun("1", "zigbee"), state: "closed" as const, newcomers: [newcomer] };
  const second = { ...begun("2", "zigbee"), newcomers: [{ ...newcomer, device: "lamp", failed: false }] };
  const other = { ...begun("3", "zwave"), newcomers: [newcomer] };
  const sessions = (pairings: Parameters<typeof shown>[0]) => shown(pairings).map(({ pairing }) => pairing.session);
  expect(sessions([first])).toEqual(["1"]);
  expect(sessions([first, second])).toEqual(["2"]);
  expect(sessions([first, other])).toEqual(["3", "1"]);
  expect(sessions([second, { ...first, session: "4" }])).toEqual(["4", "2"]);
});

test("a closed network asks nothing", () => {
  const closed = told(event("heard", { ask: { kind: "confirm", fields: ["confirm"] } }), event("closed"));
  expect(closed.state).toBe("closed");
  expect(closed.newcomers[0]?.ask).toBeNull();
});

test("time is told in minutes and seconds", () => {
  expect([left(180_000), left(59_100), left(-5)]).toEqual(["3:00", "1:00", "0:00"]);
});

test("one that is under way is found again with all that was said of it", () => {
  const step = (stage: string, more = {}) => ({
    at: "2026-11-26T20:00:00.000Z",
    stage,
    next_step: "Type it.",
    ...more,
  });
  const steps = [
    step("waiting"),
    step("joined", { device: "d:1" }),
    step("keys", { device: "d:1", ask: { kind: "pin", fields: ["pin"] } }),
  ];
  const pairing = found("d", { id: "s", action: "include", until: null, steps });
  expect(pairing).toMatchObject({ session: "s", driver: "d", state: "open" });
  expect(pairing.newcomers).toMatchObject([
    { device: "d:1", stage: "keys", ask: { kind: "pin" }, nextStep: "Type it." },
  ]);
});
