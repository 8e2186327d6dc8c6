import { beforeAll, expect, test, vi } from "vitest";
import type { Device } from "../api/words";
import { addable, asNow, changeText, firstValue, fromHex, isCaptured, statesOf, toHex } from "./states";

beforeAll(() => void vi.stubGlobal("navigator", { languages: ["en"] }));

const attribute = (name: string, kind: string, value: unknown, access = ["read", "write"]) => ({
  name,
  kind,
  unit: name === "brightness" ? "%" : null,
  access,
  min: 0,
  max: 100,
  state: { value },
});
const lamp = {
  id: "lamp",
  name: "Lamp",
  endpoints: [
    { id: 0, attributes: [attribute("link_quality", "number", 80, ["read"])] },
    {
      id: 1,
      attributes: [
        attribute("on", "bool", true),
        attribute("brightness", "number", 40),
        attribute("color_temperature", "number", 2700),
        attribute("color", "color", { hue: 30, saturation: 90 }),
        attribute("power_on_behavior", "enum", "previous"),
      ],
    },
  ],
} as unknown as Device;
const off = {
  ...lamp,
  endpoints: [{ id: 1, attributes: [attribute("on", "bool", false), attribute("brightness", "number", 40)] }],
} as unknown as Device;

test("what is now becomes states, without what would switch a light on", () => {
  expect(statesOf(lamp)).toEqual([
    { device: "lamp", endpoint: 1, set: { on: true, brightness: 40, color_temperature: 2700 } },
  ]);
  expect(statesOf(off)).toEqual([{ device: "lamp", endpoint: 1, set: { on: false } }]);
  expect(isCaptured(lamp)).toBe(true);
});

test("a state can be brought up to what is now, and get more", () => {
  const state = { device: "lamp", endpoint: 1, set: { brightness: 10 } };
  expect(asNow(lamp, state).set).toEqual({ brightness: 40 });
  const white = { device: "lamp", endpoint: 1, set: { color_temperature: 2200 } };
  expect(addable(lamp, white).map(({ name }) => name)).toEqual(["on", "brightness", "power_on_behavior"]);
  expect(firstValue(attribute("on", "bool", null) as never)).toBe(true);
});

test("a change is told in words", () => {
  const scene = { states: [{ device: "lamp", endpoint: 1, set: { brightness: 20 } }] };
  const devices = new Map([["lamp", lamp]]);
  const change = { path: "states[0].set.brightness", from: 60, to: 20 };
  expect(changeText(change, scene, devices, "metric")).toBe("Lamp: Brightness: 60\u202f% → 20\u202f%");
  const added = { path: "states[0]", to: { device: "lamp", endpoint: 1, set: { brightness: 20, on: true } } };
  expect(changeText(added, scene, devices, "metric")).toBe("Lamp: nothing → On On, Brightness 20\u202f%");
  expect(changeText({ path: "name", from: "A", to: "B" }, scene, devices, "metric")).toBe("Name: A → B");
});

test("colours go to the browser's field and back", () => {
  expect(toHex({ hue: 0, saturation: 100 })).toBe("#ff0000");
  expect(toHex({ hue: 120, saturation: 100 })).toBe("#00ff00");
  expect(toHex({ hue: 240, saturation: 50 })).toBe("#8080ff");
  expect(fromHex("#00ff00")).toEqual({ hue: 120, saturation: 100 });
  expect(fromHex(toHex({ hue: 30, saturation: 80 }))).toEqual({ hue: 30, saturation: 80 });
});
