import { expect, test, vi } from "vitest";
import { firstOf, isOfBuild, isOfTheApp } from "./kept";

test("what the hub says itself is never taken for a page of the app", () => {
  for (const path of ["/", "/devices/zigbee:0x1", "/rules"]) expect(isOfTheApp(path)).toBe(true);
  for (const path of ["/api/v1/devices", "/certificate", "/certificate/ca.pem", "/metrics"])
    expect(isOfTheApp(path)).toBe(false);
});

test("a page that names another start is of another build", () => {
  const parts = ["/assets/first-1.js", "/assets/first-1.css"];
  expect(isOfBuild('<script src="/assets/first-1.js">', parts)).toBe(true);
  expect(isOfBuild('<script src="/assets/first-2.js">', parts)).toBe(false);
});

test("a page that hangs or fails gives way to the kept one", async () => {
  vi.useFakeTimers();
  const hanging = firstOf(new Promise<string>(() => {}), "kept", 4000);
  await vi.advanceTimersByTimeAsync(4000);
  expect(await hanging).toBe("kept");
  vi.useRealTimers();
  expect(await firstOf(Promise.resolve("fresh"), "kept", 4000)).toBe("fresh");
  expect(await firstOf(Promise.reject<string>(new Error("offline")), "kept", 4000)).toBe("kept");
  await expect(firstOf(Promise.reject<string>(new Error("offline")), null, 4000)).rejects.toThrow("offline");
});
