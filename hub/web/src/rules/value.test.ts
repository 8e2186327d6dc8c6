import { expect, test } from "vitest";
import type { Attribute } from "../api/words";
import { colorOf, hexOf, numberFrom, rawFrom, rawText, typedNumber, wayOf } from "./value";

test("numbers are typed in the person's units and kept in the hub's", () => {
  expect(typedNumber(21, "°C", "imperial")).toBe("69.8");
  expect(numberFrom("69,8", "°C", "imperial")).toBe(21);
  expect(numberFrom("40", "%", "imperial")).toBe(40);
  expect(numberFrom("4x", "%", "metric")).toBeNull();
  expect(typedNumber("40%", "%", "metric")).toBe("40%");
});

test("where nothing is known of the attribute a value keeps its kind", () => {
  for (const value of [true, 4, "on", "true", "4", null, ["a"], "it's"]) expect(rawFrom(rawText(value))).toEqual(value);
});

test("colours go there and back", () => {
  for (const color of [
    { hue: 0, saturation: 100 },
    { hue: 240, saturation: 100 },
    { hue: 60, saturation: 100 },
  ]) {
    expect(colorOf(hexOf(color))).toEqual(color);
  }
  expect(hexOf({ hue: 120, saturation: 100 })).toBe("#00ff00");
});

test("the control is that of the attribute's kind, a formula's for a formula", () => {
  const number = { name: "brightness", kind: "number", access: [] } as unknown as Attribute;
  expect(wayOf(number, 4)).toBe("number");
  expect(wayOf(number, "{{ 4 }}")).toBe("formula");
  expect(wayOf({ ...number, kind: "bool" }, undefined)).toBe("choice");
  expect(wayOf(undefined, 4)).toBe("raw");
});
