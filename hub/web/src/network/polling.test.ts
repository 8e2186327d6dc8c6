import { expect, test } from "vitest";
import { untilNextLook } from "./polling";

test("looks again while the network is being measured", () => {
  expect(untilNextLook({ scanning: true, failures: 0, status: null })).toBe(4_000);
  expect(untilNextLook({ scanning: false, failures: 0, status: null })).toBeNull();
});

test("one look that fails does not end it", () => {
  expect(untilNextLook({ scanning: true, failures: 1, status: 0 })).toBe(8_000);
  expect(untilNextLook({ scanning: true, failures: 50, status: 503 })).toBe(30_000);
});

test("who may not look does not go on", () => {
  expect(untilNextLook({ scanning: true, failures: 1, status: 403 })).toBeNull();
});
