import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./bytes";
import { can } from "./kinds";

test("bytes come back as they were", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 31) % 256);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  expect(toBase64(new Uint8Array())).toBe("");
});

test("what a driver cannot do is not offered", () => {
  expect(can("zwave", "backup")).toBe(true);
  expect(can("zigbee2mqtt", "backup")).toBe(false);
  expect(can("a new one", "network")).toBe(true);
});
