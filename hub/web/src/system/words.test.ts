import { expect, test } from "vitest";
import { bytesText, deviceOf, pace, uptimeParts, wear, worstFirst } from "./words";

test("bytes are told in the unit that people know", () => {
  expect(bytesText(1_536_000, "en")).toBe("1.5\u202fMB");
  expect(bytesText(999_600, "en")).toBe("1\u202fMB");
  expect(bytesText(23_210_720_000, "en")).toBe("23\u202fGB");
});

test("what a day writes is told only after an hour", () => {
  expect(pace(1_000_000, 60)).toBeNull();
  expect(pace(1_000_000, 7200)).toBe(12_000_000);
});

test("what it means for a card grows with it", () => {
  expect([10e6, 1e9, 10e9].map(wear)).toEqual(["little", "some", "much"]);
});

test("a time has its two largest parts", () => {
  expect(uptimeParts(3 * 86_400 + 4 * 3600 + 59)).toEqual([
    { unit: "day", count: 3 },
    { unit: "hour", count: 4 },
  ]);
  expect(uptimeParts(86_400 + 120)).toEqual([{ unit: "day", count: 1 }]);
  expect(uptimeParts(5)).toEqual([{ unit: "minute", count: 0 }]);
});

test("an alert may be about a device", () => {
  expect(deviceOf("battery_low:zigbee:0x1")).toBe("zigbee:0x1");
  expect(deviceOf("disk_full")).toBeNull();
});

test("what is worst stands first", () => {
  const alert = (code: string, severity: string) => ({ code, severity, text: "" });
  const alerts = [alert("battery_low:a", "info"), alert("offline:b", "warning"), alert("battery_low:c", "info")];
  expect(worstFirst([...alerts, alert("smoke:d", "error")]).map(({ code }) => code)).toEqual([
    "smoke:d",
    "offline:b",
    "battery_low:a",
    "battery_low:c",
  ]);
});
