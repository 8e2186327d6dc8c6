import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./bytes";
import { can } from "./kinds";

test("bytes come back as they were", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 31) % 256);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  expect(toBase64(new Uint8Array())).toBe("");
});

test("what a driver cannot do is not offered", () => {
  const driver = { abilities: ["include", "network"] };
  expect(can(driver, "network")).toBe(true);
  expect(can(driver, "backup")).toBe(false);
  expect(can(undefined, "network")).toBe(false);
});
