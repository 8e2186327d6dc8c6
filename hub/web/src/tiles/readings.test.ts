import { expect, test, vi } from "vitest";
import type { Part } from "./kind";
import { drawn, isOperable, readings } from "./readings";

vi.stubGlobal("navigator", { languages: ["en-GB"] });

const part = (
  name: string,
  kind: string,
  value: unknown,
  more: { unit?: string; write?: boolean; label?: string } = {},
) =>
  ({
    endpoint: 1,
    label: more.label ?? null,
    attribute: {
      name,
      kind,
      unit: more.unit ?? null,
      access: more.write ? ["read", "write"] : ["read"],
      min: 0,
      max: 100,
      state: { value },
    },
  }) as unknown as Part;

test.each([
  [
    [part("temperature", "number", 21.5, { unit: "°C" }), part("humidity", "number", 54, { unit: "%" })],
    ["21.5\u202f°C", "54\u202f%"],
  ],
  [[part("battery", "number", 87, { unit: "%" })], ["Battery 87\u202f%"]],
  [
    [part("on", "bool", true, { write: true }), part("power", "number", 0.7, { unit: "W" })],
    ["On", "0.7\u202fW"],
  ],
  // A slider shows where it stands.
  [[part("on", "bool", false, { write: true }), part("brightness", "number", 80, { unit: "%", write: true })], ["Off"]],
  // A blind is open or closed; how far, its slider shows.
  [[part("position", "number", 40, { unit: "%", write: true })], ["Open"]],
  [[part("position", "number", 0, { unit: "%", write: true })], ["Closed"]],
  // Of two switches each says its own beside its name.
  [
    [
      part("on", "bool", false, { write: true, label: "left" }),
      part("on", "bool", true, { write: true, label: "right" }),
    ],
    ["On"],
  ],
  [[], []],
])("are as few words as say it", (parts, words) => expect(readings(parts, "metric")).toEqual(words));

test("tell what can be operated from what only tells", () => {
  expect(isOperable([part("on", "bool", true, { write: true })])).toBe(true);
  expect(isOperable([part("open", "bool", true)])).toBe(false);
});

test("the first thing that a sensor measures is drawn", () => {
  const [motion, light] = [part("occupancy", "bool", false), part("illuminance", "number", 3, { unit: "lx" })];
  expect(drawn([motion, light])).toBe(light);
  expect(drawn([part("battery", "number", 87, { unit: "%" })])).toBeUndefined();
  // What one operates has no room for it.
  expect(drawn([part("on", "bool", true, { write: true }), part("power", "number", 0.7)])).toBeUndefined();
});
