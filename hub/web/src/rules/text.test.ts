import { expect, test } from "vitest";
import { rules } from "./corpus";
import { read, write } from "./text";

/** Of more than a thousand rules, on a machine that does other things too. */
const PATIENCE = 60_000;

test(
  "each rule is the same after it was written and read",
  () => {
    for (const { name, rule } of rules()) {
      expect(JSON.stringify(read(write(rule)).document), name).toBe(JSON.stringify(rule));
    }
  },
  PATIENCE,
);

test("comments become notes, as the hub makes them", () => {
  const { document } = read(`# first
name: A # behind
triggers:
  # of the trigger
  - time: "07:30" # at breakfast
actions:
  - command:
      device: a
      set: {on: true} # "not" a #value
  - notify: |
      # no comment
      x
`);
  expect(document).toEqual({
    name: "A",
    triggers: [{ time: "07:30", note: "of the trigger\nat breakfast" }],
    actions: [{ command: { device: "a", set: { on: true, note: '"not" a #value' } } }, { notify: "# no comment\nx\n" }],
    note: "first\nbehind",
  });
});

test("places are found in the text", () => {
  const { positionOf } = read('name: A\nactions:\n- command:\n    device: a\n    set: {"on": true}\n');
  expect(positionOf(["actions", 0, "command", "set", "on"])).toEqual({ line: 5, column: 11 });
  expect(positionOf(["actions", 0, "command", "transition"])).toEqual({ line: 3, column: 3 });
  expect(positionOf(["actions", 0])).toEqual({ line: 3, column: 3 });
});

test("what is no YAML is told with its place", () => {
  const { document, problems } = read("name: A\nname: B\n");
  expect(document).toBeUndefined();
  expect(problems[0]).toMatchObject({ line: 2, column: 1 });
  expect(read("a: [1").problems[0]?.line).toBe(1);
  expect(read("a: &x [*x]").problems).toHaveLength(1);
});

test("words that older YAML takes for something else are written in quotes", () => {
  expect(write({ set: { on: true }, x: "yes", t: "06:00" })).toBe('set:\n  "on": true\nx: "yes"\nt: "06:00"\n');
});
