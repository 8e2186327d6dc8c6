import { describe, expect, test } from "vitest";
import { keysBelow, rules, wordsOf } from "./corpus";
import { duplicate, kindOf, nodeAround, nodes, shapeOf, withField, withNote } from "./document";
import { KINDS, RULE_KEYS, type Group } from "./language";
import { get, replace, type Json } from "./path";

/** Of more than a thousand rules, on a machine that does other things too. */
const PATIENCE = 60_000;

const all = rules();
/** Rules that the hub refuses for their words. */
const WRONG = /bad_value|unknown_names/;

test("there is a corpus", () => {
  expect(all.length).toBeGreaterThan(400);
});

test(
  "the builder knows each node of it",
  () => {
    for (const { name, rule } of all.filter(({ name }) => !WRONG.test(name))) {
      for (const { group, node } of nodes(rule)) {
        const shape = shapeOf(group, node);
        expect(shape, `${name}: ${group} ${JSON.stringify(node)}`).not.toBeNull();
        expect(shape?.unknown, name).toEqual([]);
      }
    }
  },
  PATIENCE,
);

test(
  "each rule of it goes through the builder unchanged",
  () => {
    for (const { name, rule } of all) {
      let after = rule;
      for (const { path, group, node } of nodes(rule)) {
        let built = node;
        for (const entry of shapeOf(group, node)?.entries ?? []) {
          if (entry.value !== undefined) built = withField(group, built, entry, entry.value);
        }
        after = replace(after, path, built);
      }
      expect(JSON.stringify(after), name).toBe(JSON.stringify(rule));
    }
  },
  PATIENCE,
);

describe("the table has all words of the language:", () => {
  const words = (group: Group) => KINDS[group].map(({ word }) => word).sort();
  test("triggers", () => expect(words("trigger")).toEqual(wordsOf("read/triggers.rs", "TRIGGERS").sort()));
  test("conditions", () => expect(words("condition")).toEqual(wordsOf("read/conditions.rs", "CONDITIONS").sort()));
  test("actions", () => expect(words("action")).toEqual(wordsOf("read/steps.rs", "ACTIONS").sort()));
  test("the rule itself", () =>
    expect(RULE_KEYS.filter((key) => key !== "note").sort()).toEqual(wordsOf("read.rs", "RULE").sort()));
  test("what happens in tests", () => {
    const keys = new Set(KINDS.happening.flatMap(({ fields = [] }) => fields.map(({ key }) => key)));
    expect([...keys].sort()).toEqual(wordsOf("read/tests.rs", "HAPPENINGS").sort());
  });

  const below = (group: Group, file: string, rename: Record<string, string> = {}) => {
    for (const [word, keys] of keysBelow(file)) {
      const kind = KINDS[group].find((one) => one.word === (rename[word] ?? word));
      if (!kind?.fields) continue;
      const known = kind.fields.flatMap(({ key, holds }) => (holds === "people" ? [key, "anyone", "everyone"] : [key]));
      expect(known.sort(), word).toEqual(keys.sort());
    }
  };
  test("below triggers", () => below("trigger", "read/triggers.rs", { _: "time" }));
  test("below conditions", () => below("condition", "read/conditions.rs"));
  test("below actions", () => below("action", "read/steps.rs"));
});

const rule: Json = {
  name: "A",
  triggers: { time: "07:30" },
  conditions: ["vars.x > 1"],
  actions: [
    { scene: "Movie night" },
    { choose: [{ if: { mode: "night" }, do: [{ delay: "5m" }] }], else: { stop: "x" } },
    { parallel: [{ delay: "1s" }, [{ delay: "2s" }, { newest: { x: 1 } }]] },
  ],
};

test("every node is found, one in place of a list too", () => {
  const found = [...nodes(rule)].map(({ path, node, group }) => [path.join("."), kindOf(group, node)?.name ?? null]);
  expect(found).toEqual([
    ["triggers", "time"],
    ["conditions.0", "if"],
    ["actions.0", "scene"],
    ["actions.1", "choose"],
    ["actions.1.choose.0", "choice"],
    ["actions.1.choose.0.if", "mode"],
    ["actions.1.choose.0.do.0", "delay"],
    ["actions.1.else", "stop"],
    ["actions.2", "parallel"],
    ["actions.2.parallel.0", "steps"],
    ["actions.2.parallel.0", "delay"],
    ["actions.2.parallel.1", "steps"],
    ["actions.2.parallel.1.0", "delay"],
    ["actions.2.parallel.1.1", null],
  ]);
});

test("what is wrong is shown at the innermost node", () => {
  expect(nodeAround(rule, ["actions", 1, "choose", 0, "if", "mode", "is"])).toEqual(["actions", 1, "choose", 0, "if"]);
  expect(nodeAround(rule, ["name"])).toEqual([]);
});

test("a short form becomes a mapping when there is more to say", () => {
  const scene = { scene: "Movie night" };
  const transition = shapeOf("action", scene)?.entries.find(({ field }) => field.key === "transition");
  expect(transition && withField("action", scene, transition, "5s")).toEqual({
    scene: { name: "Movie night", transition: "5s" },
  });
});

test("keys come where the language has them, and the others stay", () => {
  const node = { state: { device: "a", to: true, newest: 1 }, note: "x" };
  const attribute = shapeOf("trigger", node)?.entries.find(({ field }) => field.key === "attribute");
  const put = attribute && withField("trigger", node, attribute, "on");
  expect(JSON.stringify(put)).toBe('{"state":{"device":"a","attribute":"on","to":true,"newest":1},"note":"x"}');
});

test("of people one key takes the place of another", () => {
  const node = { presence: { anyone: true, to: "home" } };
  const people = shapeOf("trigger", node)?.entries[0];
  expect(people?.value).toEqual({ anyone: true });
  expect(JSON.stringify(people && withField("trigger", node, people, { person: "anna" }))).toBe(
    '{"presence":{"person":"anna","to":"home"}}',
  );
});

test("what the table does not know is told", () => {
  expect(shapeOf("action", { command: { device: "a", set: {}, softly: true }, later: 1 })?.unknown).toEqual([
    { at: ["command", "softly"], value: true },
    { at: ["later"], value: 1 },
  ]);
  expect(shapeOf("action", { newest: 1 })).toBeNull();
  expect(shapeOf("trigger", { state: {}, event: {} })).toBeNull();
});

test("notes come to nodes of every form", () => {
  expect(get(withNote(rule, ["conditions", 0], "why"), ["conditions", 0])).toEqual({ if: "vars.x > 1", note: "why" });
  expect(withNote(withNote(rule, ["triggers"], "why"), ["triggers"], "")).toEqual(rule);
});

test("a copy stands behind what it is of", () => {
  expect(get(duplicate(rule, ["triggers"]), ["triggers"])).toEqual([{ time: "07:30" }, { time: "07:30" }]);
});
