import { expect, test } from "vitest";
import { css, hueSaturation, shining, white, whites } from "./color";

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

test("white light is warm or cold, and beyond what is known as at its end", () => {
  expect(white(2000)).toBe("rgb(255 154 60)");
  expect(white(3350)).toBe("rgb(255 206 151)");
  expect([white(1000), white(9000)]).toEqual([white(2000), white(6500)]);
  expect(whites(2000, 6500)).toContain("rgb(255 187 112) 16%");
});

test("a light shines in what is in force", () => {
  const light = (states: Record<string, unknown>) => shining((name) => states[name]);
  const both = { color: { hue: 120, saturation: 100 }, color_temperature: 2000 };
  expect(light({ ...both, color_mode: "hs" })).toBe("hsl(120 100% 50%)");
  expect(light({ ...both, color_mode: "color_temperature" })).toBe(white(2000));
  expect(light({ ...both, color_mode: "color_temp" })).toBe(white(2000));
  expect(light({ color_temperature: 2000 })).toBe(white(2000));
  expect(light({ color: { hue: 120, saturation: 100 } })).toBe("hsl(120 100% 50%)");
  expect(light({})).toBeNull();
});
