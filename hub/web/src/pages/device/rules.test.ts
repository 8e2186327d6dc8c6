import { expect, test } from "vitest";
import type { Device } from "../../api/words";
import { speaksOf } from "./rules";

const lamp = {
  id: "demo:lamp",
  area: "hall",
  endpoints: [{ id: 1, attributes: [], capabilities: ["light"] }],
} as unknown as Device;

test.each([
  ["by its id", { actions: [{ command: { device: "demo:lamp", set: { on: true } } }] }, true],
  ["in a list", { actions: [{ command: { device: ["demo:tv", "demo:lamp"], set: {} } }] }, true],
  ["in an expression", { conditions: [{ if: 'state("demo:lamp", "on")' }] }, true],
  ["by its room and type", { actions: [{ command: { device: { area: "hall", type: "light" } } }] }, true],
  ["by its type", { actions: [{ command: { device: { type: "light", all: true } } }] }, true],
  ["not in another room", { actions: [{ command: { device: { area: "attic", type: "light" } } }] }, false],
  ["not by a longer id", { actions: [{ command: { device: "demo:lamp-2" } }] }, false],
])("a rule speaks of a device %s", (_, document, wanted) => {
  expect(speaksOf(document, lamp)).toBe(wanted);
});
