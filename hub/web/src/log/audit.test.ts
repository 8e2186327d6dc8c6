import { expect, test } from "vitest";
import type { AuditEntry } from "../api/words";
import { filtered, groupOf, people } from "./audit";

const entry = (number: number, who: string, action: string, name: string | null = null): AuditEntry =>
  ({ number, who, action, name, at: "", via: "api", outcome: "ok" }) as AuditEntry;
const entries = [entry(3, "u1", "rule_saved", "anna"), entry(2, "local", "login"), entry(1, "u1", "setup", "anna")];

test("entries are found by person and by kind", () => {
  const numbers = (who: string, group: "" | "rules" | "access") =>
    filtered(entries, { who, group }).map(({ number }) => number);
  expect(numbers("", "")).toEqual([3, 2, 1]);
  expect(numbers("u1", "")).toEqual([3, 1]);
  expect(numbers("u1", "access")).toEqual([1]);
  expect(numbers("", "rules")).toEqual([3]);
});

test("everybody is named once", () => {
  expect(people(entries)).toEqual([
    { who: "u1", name: "anna" },
    { who: "local", name: null },
  ]);
});

test("a word that this app does not know is of the home", () => {
  expect(groupOf("something_new")).toBe("home");
});
