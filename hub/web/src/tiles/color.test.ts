import { expect, test } from "vitest";
import { css, hueSaturation } from "./color";

test("hue and saturation are taken as they are", () => {
  expect(hueSaturation({ hue: 30, saturation: 60 })).toEqual({ hue: 30, saturation: 60 });
  expect(hueSaturation(null)).toBeNull();
  expect(hueSaturation("red")).toBeNull();
});

test("x and y are turned into hue and saturation", () => {
  expect(hueSaturation({ x: 0.3127, y: 0.329 })?.saturation).toBeLessThan(6);
  const red = hueSaturation({ x: 0.7, y: 0.298 });
  expect(red?.saturation).toBeGreaterThan(95);
  expect(Math.min(red?.hue ?? 180, 360 - (red?.hue ?? 180))).toBeLessThan(20);
});

test("a screen shows white without saturation", () => {
  expect(css({ hue: 120, saturation: 0 })).toBe("hsl(120 100% 100%)");
  expect(css({ hue: 120, saturation: 100 })).toBe("hsl(120 100% 50%)");
});
