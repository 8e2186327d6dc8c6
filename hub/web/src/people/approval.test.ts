import { expect, test } from "vitest";
import type { Approval, Device } from "../api/words";
import { ownAt, partOf, placesOf, standing } from "./approval";

const now = Date.parse("2026-11-26T18:00:00Z");
const asked = (more: Partial<Approval> = {}): Approval =>
  ({
    id: "1",
    person: "mia",
    device: "lamp",
    endpoint: 1,
    attribute: "on",
    value: true,
    state: "waiting",
    since: "2026-11-26T17:55:00Z",
    until: "2026-11-26T18:05:00Z",
    ...more,
  }) as Approval;
const wanted = { person: "mia", device: "lamp", endpoint: 1, attribute: "on", value: true };

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

test("the newest question at a place counts, whatever was asked for", () => {
  const all = [asked({ id: "9", value: 40 }), asked({ id: "10", value: 60 }), asked({ id: "11", endpoint: 2 })];
  expect(ownAt(all, wanted, now)?.id).toBe("10");
  expect(ownAt([asked({ person: "cleo" })], wanted, now)).toBeNull();
});

test("what is allowed counts before a no", () => {
  const both = [asked({ id: "no", state: "refused" }), asked({ id: "yes", state: "allowed_once" })];
  expect(standing(both, wanted, now)?.id).toBe("yes");
});

test("a question about another part is another one, but one that names none is for each", () => {
  expect(standing([asked({ endpoint: 2 })], wanted, now)).toBeNull();
  expect(standing([asked({ endpoint: null })], wanted, now)?.id).toBe("1");
});

test("a device that has it in several parts has several places for it", () => {
  const attributes = [{ name: "on" }];
  const endpoints = [
    { id: 0, attributes: [{ name: "battery" }] },
    { id: 1, label: "left", attributes },
    { id: 2, label: "right", attributes },
  ];
  const [left, right] = [
    { endpoint: 1, label: "left" },
    { endpoint: 2, label: "right" },
  ];
  const strip = { endpoints } as unknown as Device;
  const places = (endpoint: number | null) => placesOf(strip, { attribute: "on", endpoint });
  expect([null, 1, 2].map(places)).toEqual([[left, right], [left], [right]]);
  expect(placesOf(undefined, { attribute: "on", endpoint: 1 })).toEqual([]);
  // Which part is meant is said only where there are several.
  expect([null, 2].map((endpoint) => partOf(strip, { attribute: "on", endpoint }))).toEqual([null, right]);
  expect(partOf(strip, { attribute: "battery", endpoint: 0 })).toBeNull();
});
