import { expect, test } from "vitest";
import type { Device } from "../api/words";
import { distinctions, likeness } from "./alike";

const device = (id: string, area: string, capability: string, model = "Glow") =>
  ({
    id,
    area,
    model,
    endpoints: [{ id: 1, capabilities: [capability], attributes: [{ name: "on" }] }],
  }) as unknown as Device;
const rule = (what: object) => ({ who: { role: "child" }, allow: ["see"], what });
const [hall, kitchen] = [device("a", "hall", "light"), device("b", "kitchen", "light")];
const isAlike = (a: Device, b: Device, ...whats: object[]) => {
  const how = distinctions(whats.map(rule));
  return likeness(a, how) === likeness(b, how);
};

test("devices of one model are alike, unless a rule names rooms or one of them", () => {
  expect(isAlike(hall, kitchen)).toBe(true);
  expect(isAlike(hall, kitchen, { types: ["light"] })).toBe(true);
  expect(isAlike(hall, kitchen, { areas: ["hall"] })).toBe(false);
  expect(isAlike(hall, kitchen, { devices: ["a"] })).toBe(false);
  expect(isAlike(hall, device("c", "hall", "light", "Aurora"))).toBe(false);
});

test("covers are never alike: one may be a garage door by its name", () => {
  expect(isAlike(device("a", "hall", "cover"), device("b", "hall", "cover"))).toBe(false);
});
