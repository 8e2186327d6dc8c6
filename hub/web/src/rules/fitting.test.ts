import { expect, test } from "vitest";
import type { Device } from "../api/words";
import { session } from "../home/session.svelte";
import { kindOf, nodes } from "./document";
import { fits, withWhatFits } from "./fitting";
import type { Json } from "./path";
import { TEMPLATES } from "./templates";

const device = (id: string, attributes: object[]) =>
  session.live.devices.set(id, { id, name: id, endpoints: [{ id: 1, attributes }] } as unknown as Device);
const access = ["notify", "write"];
device("motion", [
  { name: "illuminance", kind: "number", access },
  { name: "occupancy", kind: "bool", access },
]);
device("fan", [{ name: "fan_mode", kind: "enum", values: ["low", "high"], access }]);

test("a device brings its attribute, and yes", () => {
  const table: [Json, Json][] = [
    [{ state: { device: "motion" } }, { state: { device: "motion", attribute: "occupancy", to: true } }],
    [
      { state: { device: "fan", attribute: "occupancy", to: true } },
      { state: { device: "fan", attribute: "fan_mode" } },
    ],
    [
      { state: { device: "fan", attribute: "fan_mode", from: "low", to: "off" } },
      { state: { device: "fan", attribute: "fan_mode", from: "low" } },
    ],
    [{ numeric: { device: "motion" } }, { numeric: { device: "motion", attribute: "illuminance" } }],
    [{ state: { device: "gone", attribute: "x", to: 1 } }, { state: { device: "gone", attribute: "x", to: 1 } }],
  ];
  for (const [node, expected] of table) expect(withWhatFits("trigger", node)).toEqual(expected);
});

test("what can be switched on is, where nothing else is set", () => {
  device("lamp", [{ name: "on", kind: "bool", access }]);
  const table: [Json, Json][] = [
    [{ command: { device: "lamp" } }, { command: { device: "lamp", set: { on: true } } }],
    [{ command: { device: "lamp", set: { on: false } } }, { command: { device: "lamp", set: { on: false } } }],
    [{ command: { device: "fan" } }, { command: { device: "fan" } }],
  ];
  for (const [node, expected] of table) expect(withWhatFits("action", node)).toEqual(expected);
});

test("values are kept where they can be", () => {
  expect(fits({ kind: "number" }, "40%")).toBe(true);
  expect(fits({ kind: "bool" }, "on")).toBe(false);
  expect(fits({ kind: "enum", values: ["a"] }, ["a", "b"])).toBe(false);
  expect(fits({ kind: "bool" }, "{{ x }}")).toBe(true);
});

test("what one may begin with is made of what the language has", () => {
  for (const { name, document } of TEMPLATES) {
    for (const { group, node } of nodes(document)) expect(kindOf(group, node), name).not.toBeNull();
  }
});
