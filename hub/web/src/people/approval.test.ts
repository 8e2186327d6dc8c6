import { expect, test } from "vitest";
import type { Approval, Device } from "../api/words";
import { placesOf, standing } from "./approval";

const now = Date.parse("2026-11-26T18:00:00Z");
const asked = (more: Partial<Approval> = {}): Approval =>
  ({
    id: "1",
    person: "mia",
    device: "lamp",
    attribute: "on",
    value: true,
    state: "waiting",
    since: "2026-11-26T17:55:00Z",
    until: "2026-11-26T18:05:00Z",
    ...more,
  }) as Approval;
const wanted = { person: "mia", device: "lamp", attribute: "on", value: true };

test("one's own question that waits counts", () => {
  expect(standing([asked()], wanted, now)?.id).toBe("1");
});

test("another's, or one that is over, does not", () => {
  expect(standing([asked({ person: "cleo" })], wanted, now)).toBeNull();
  expect(standing([asked({ until: "2026-11-26T17:59:00Z" })], wanted, now)).toBeNull();
  expect(standing([asked({ state: "refused", until: "2026-11-26T18:00:00Z" })], wanted, now)).toBeNull();
});

test("a question about another value is another one, but an hour is for every value", () => {
  expect(standing([asked({ value: false })], wanted, now)).toBeNull();
  expect(standing([asked({ value: null })], wanted, now)?.id).toBe("1");
  expect(standing([asked({ value: false, state: "allowed_for_an_hour" })], wanted, now)?.id).toBe("1");
});

test("what is allowed counts before a no", () => {
  const both = [asked({ id: "no", state: "refused" }), asked({ id: "yes", state: "allowed_once" })];
  expect(standing(both, wanted, now)?.id).toBe("yes");
});

test("a device that has it in several parts has several places for it", () => {
  const attributes = [{ name: "on" }];
  const endpoints = [
    { id: 0, attributes: [{ name: "battery" }] },
    { id: 1, label: "left", attributes },
    { id: 2, label: "right", attributes },
  ];
  expect(placesOf({ endpoints } as unknown as Device, "on")).toEqual([
    { endpoint: 1, label: "left" },
    { endpoint: 2, label: "right" },
  ]);
  expect(placesOf(undefined, "on")).toEqual([]);
});
