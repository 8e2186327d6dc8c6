import { expect, test, vi } from "vitest";
import { fieldText, number } from "./numbers";

vi.stubGlobal("navigator", { languages: ["de"] });

test.each([
  ["52.52", 52.52],
  ["52,52", 52.52],
  [" 0,31 ", 0.31],
  [".5", 0.5],
  ["-13.4", -13.4],
  ["100", 100],
])("%s is %d", (text, value) => expect(number(text)).toBe(value));

test.each(["", "abc", "1.2.3", "1,2,3", "12 °", "NaN", "Infinity", "1e9"])("%s is none", (text) =>
  expect(number(text)).toBeNull(),
);

test("what is shown can be read again", () => {
  for (const value of [0.31, -13.4, 52.52]) expect(number(fieldText(value))).toBe(value);
  expect(fieldText(null)).toBe("");
  expect(fieldText(12345.5)).toMatch(/^12345[.,]5$/);
});
