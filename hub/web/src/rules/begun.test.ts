import { beforeEach, expect, test, vi } from "vitest";
import { begunOf, forgetAllBegun, forgetBegun, forgetBegunOfOthers, keepBegun, type Begun } from "./begun";

const kept = new Map<string, string>();
let isFull = false;
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => {
    if (isFull) throw new DOMException("full", "QuotaExceededError");
    kept.set(key, value);
  },
  removeItem: (key: string) => kept.delete(key),
});

const begun = (rule: string | null, more: Partial<Begun> = {}): Begun => ({
  user: "anna",
  rule,
  base: { name: "Hall" },
  tag: '"1"',
  document: { name: "Hall light" },
  text: "",
  broken: false,
  at: Date.now(),
  ...more,
});

beforeEach(() => {
  kept.clear();
  kept.set("in", "");
  isFull = false;
});

test("what was begun is there again, the last state of each rule", () => {
  keepBegun(begun("hall"));
  keepBegun(begun(null, { document: { name: "New" } }));
  keepBegun(begun("hall", { document: { name: "Hall lamp" } }));
  expect(begunOf("anna", "hall")?.document).toEqual({ name: "Hall lamp" });
  expect(begunOf("anna", null)?.document).toEqual({ name: "New" });
  forgetBegun("hall");
  expect(begunOf("anna", "hall")).toBeNull();
  expect(begunOf("anna", null)).not.toBeNull();
});

test("the oldest goes when there are many, and what is old goes by itself", () => {
  for (let number = 0; number < 12; number += 1) keepBegun(begun(`rule-${number}`));
  expect(begunOf("anna", "rule-1")).toBeNull();
  expect(begunOf("anna", "rule-2")).not.toBeNull();
  const longAgo = Date.now() - 15 * 24 * 3_600_000;
  keepBegun(begun("old", { at: longAgo }));
  expect(begunOf("anna", "old")).toBeNull();
});

test("it is of one account, and nothing is left after a log-out", () => {
  keepBegun(begun("hall"));
  expect(begunOf("ben", "hall")).toBeNull();
  forgetBegunOfOthers("anna");
  expect(begunOf("anna", "hall")).not.toBeNull();
  forgetBegunOfOthers("ben");
  expect(begunOf("anna", "hall")).toBeNull();

  keepBegun(begun("hall"));
  kept.delete("in");
  forgetAllBegun();
  // A page that was left open in another tab.
  keepBegun(begun("hall"));
  expect(begunOf("anna", "hall")).toBeNull();
});

test("a browser that takes nothing says so, and what cannot be read is nothing", () => {
  isFull = true;
  expect(keepBegun(begun("hall"))).toBe(false);
  kept.set("begun-rules", "{");
  expect(begunOf("anna", "hall")).toBeNull();
});
