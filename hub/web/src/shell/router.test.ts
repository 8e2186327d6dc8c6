import { expect, test } from "vitest";
import { match } from "./router.svelte";

const patterns = { home: "/", device: "/devices/:id", rule: "/rules/:id", newRule: "/rules/new" };

test("addresses find their pages", () => {
  expect(match(patterns, "/")).toEqual({ page: "home", parts: {} });
  expect(match(patterns, "/devices/zigbee%3A0x1%2F2")).toEqual({ page: "device", parts: { id: "zigbee:0x1/2" } });
  expect(match(patterns, "/nowhere")).toBeNull();
});

test("an address that cannot be read is none", () => {
  expect(match(patterns, "/devices/%E0%A4%A")).toBeNull();
});
