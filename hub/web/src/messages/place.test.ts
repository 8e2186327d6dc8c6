import { expect, test } from "vitest";
import { placeOf } from "./place";

test("a push message leads to a place of the app, never elsewhere", () => {
  const origin = "https://hearth.local:8443";
  expect(placeOf({ id: "1 2" }, origin)).toBe("/messages?id=1%202");
  expect(placeOf({ id: "1", url: "/devices/lamp" }, origin)).toBe("/devices/lamp");
  expect(placeOf({ id: "1", url: "https://evil.example/x" }, origin)).toBe("/messages?id=1");
  expect(placeOf({ url: "http://[" }, origin)).toBe("/messages");
});
