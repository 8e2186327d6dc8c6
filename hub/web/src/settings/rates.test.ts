import { expect, test, vi } from "vitest";
import { equal, toFields, toRate, weekdays } from "./rates";

vi.stubGlobal("navigator", { languages: ["en"] });

test("a rate comes back as it was", () => {
  const rate = { from: "06:00", to: "22:00", price: 0.25, weekdays: ["sat", "sun"] };
  expect(toRate(toFields(rate, 1))).toEqual(rate);
});

test("no weekdays are all of them", () => {
  const rate = { from: "22:00", to: "06:00", price: 0.21 };
  expect(toFields(rate, 1).days).toEqual([...weekdays]);
  expect(toRate(toFields(rate, 1))).toEqual(rate);
  expect(equal([rate], [{ ...rate, weekdays: [] }])).toBe(true);
  expect(equal([rate], [{ ...rate, price: 0.22 }])).toBe(false);
});

test("what is not whole is none", () => {
  const whole = toFields({ from: "22:00", to: "06:00", price: 0.21 }, 1);
  for (const lack of [{ from: "" }, { to: "" }, { price: "much" }, { days: [] }]) {
    expect(toRate({ ...whole, ...lack })).toBeNull();
  }
});
