import { expect, test } from "vitest";
import type { Notification } from "../api/words";
import words from "../../messages/en/messages.json";
import { about, BY_ITSELF, KINDS, sorted, wantsSomebody } from "./notification";

const one = (id: string, at: string, more: Partial<Notification> = {}): Notification => ({
  id,
  at,
  message: "",
  severity: "info",
  acknowledged: false,
  ...more,
});

test("an alert says what it is about", () => {
  expect(about({ alert: { code: "battery_low:zigbee:0x1", over: false } })).toEqual({
    kind: "battery_low",
    subject: "zigbee:0x1",
  });
  expect(about({ alert: { code: "storage_full", over: false } })?.subject).toBe("");
  expect(about({})).toBeNull();
});

test("what is unread stands first, the newest first", () => {
  const { unread, earlier } = sorted([one("1", "a"), one("2", "c", { read_at: "d" }), one("3", "b")]);
  expect(unread.map(({ id }) => id)).toEqual(["3", "1"]);
  expect(earlier.map(({ id }) => id)).toEqual(["2"]);
});

test("critical messages want somebody until it is over", () => {
  expect(wantsSomebody(one("1", "a", { severity: "error" }))).toBe(true);
  expect(wantsSomebody(one("1", "a", { severity: "error", acknowledged: true }))).toBe(false);
  expect(wantsSomebody(one("1", "a", { severity: "error", alert: { code: "smoke", over: true } }))).toBe(false);
  expect(wantsSomebody(one("1", "a"))).toBe(false);
});

test("what the hub tells by itself has its words, once each", () => {
  expect(new Set(KINDS).size).toBe(KINDS.length);
  for (const kind of KINDS) expect(words).toHaveProperty([`message.kind.${kind}`]);
  for (const { severity } of BY_ITSELF) expect(words).toHaveProperty([`message.severity.${severity}`]);
});
