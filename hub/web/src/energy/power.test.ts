import { expect, test } from "vitest";
import type { Device } from "../api/words";
import { powerNow } from "./power";

const device = (id: string, powers: Record<number, number | null>, more: Partial<Device> = {}): Device =>
  ({
    id,
    name: id,
    availability: "online",
    endpoints: Object.entries(powers).map(([endpoint, value]) => ({
      id: Number(endpoint),
      attributes: [{ name: "power", kind: "number", unit: "W", access: ["read"], state: { value } }],
    })),
    ...more,
  }) as unknown as Device;

test("the biggest consumer stands first", () => {
  const now = powerNow([device("fridge", { 1: 80 }), device("kettle", { 1: 1900 })], []);
  expect(now.consumers.map(({ device: { id } }) => id)).toEqual(["kettle", "fridge"]);
  expect(now.measured).toBe(1980);
  expect(now.meters).toBeNull();
});

test("endpoint 0 is the whole, else the parts count together", () => {
  expect(powerNow([device("strip", { 0: 30, 1: 10, 2: 20 })], []).measured).toBe(30);
  expect(powerNow([device("strip", { 1: 10, 2: 20 })], []).measured).toBe(30);
});

test("a main meter is not added to what it measures", () => {
  const now = powerNow([device("meter", { 0: -200 }), device("fridge", { 1: 80 })], ["meter"]);
  expect(now).toMatchObject({ meters: -200, measured: 80 });
});

test("who does not say how much, or cannot be reached, counts nothing and is named", () => {
  const now = powerNow(
    [device("new", { 1: null }), device("gone", { 1: 500 }, { availability: "offline" }), device("lamp", {})],
    [],
  );
  expect(now.measured).toBe(0);
  expect(now.silent.map(({ id }) => id)).toEqual(["new", "gone"]);
});

test("of a group its members are counted", () => {
  expect(powerNow([device("group", { 1: 30 }, { members: ["a", "b"] as never })], []).measured).toBe(0);
});
