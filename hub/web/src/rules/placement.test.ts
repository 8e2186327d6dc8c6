import { expect, test } from "vitest";
import type { Finding } from "../api/words";
import { byNode, missingKey, othersOf, testsOf } from "./placement";

const finding = (path: string, more: Partial<Finding> = {}): Finding => ({
  severity: "error",
  code: "bad_value",
  path,
  message: "",
  ...more,
});
const rule = {
  name: "A",
  triggers: [{ time: "07:30" }],
  actions: [{ if: [{ mode: "night" }], then: [{ command: { device: "a", set: { on: 1 } } }] }],
  tests: [
    { name: "1", when: [], then: [] },
    { name: "2", when: [], then: [] },
  ],
};

test("each is shown at the innermost node, what is of none at its list or the rule", () => {
  const placed = byNode(rule, [
    finding("actions[0].then[0].command.set.on"),
    finding("actions[0]"),
    finding("triggers"),
    finding("catch_up.waits"),
    finding(""),
  ]);
  expect([...placed.keys()]).toEqual(["actions[0].then[0]", "actions[0]", "triggers", "catch_up", ""]);
});

test("what is still open is told by its key", () => {
  expect(missingKey(finding("", { code: "missing", case: "key", params: { key: "device" } }))).toBe("device");
  expect(missingKey(finding("actions[0].scene", { case: "empty_text" }))).toBe("scene");
  expect(missingKey(finding("", { code: "missing", case: "bound" }))).toBeNull();
});

test("other rules are named, this one is not", () => {
  expect(othersOf(finding("", { automations: ["a", "b"] }), "a")).toEqual(["b"]);
  expect(othersOf(finding(""), null)).toEqual([]);
});

test("tests are what the findings leave", () => {
  expect(testsOf(rule, null)).toEqual(["unknown", "unknown"]);
  expect(testsOf(rule, [])).toEqual(["passed", "passed"]);
  expect(testsOf(rule, [finding("tests[1]", { code: "test_failed" })])).toEqual(["passed", "failed"]);
  expect(testsOf(rule, [finding("actions[0]")])).toEqual(["unknown", "unknown"]);
});
