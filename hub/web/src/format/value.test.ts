import { expect, test, vi } from "vitest";
import { numberText } from "./value";

vi.stubGlobal("navigator", { languages: ["en-GB"] });

test.each([
  [1961.5, "W", "1,962\u202fW"],
  [87.44, "W", "87.4\u202fW"],
  [20.46, "°C", "20.5\u202f°C"],
  [2.345, "kWh", "2.35\u202fkWh"],
  [0.0034, "kWh", "3.4\u202fWh"],
  [0, "kWh", "0\u202fkWh"],
  [123.456, "kWh", "123\u202fkWh"],
])("a number of %s %s has the digits that say something", (value, unit, text) =>
  expect(numberText(value, unit)).toBe(text),
);
