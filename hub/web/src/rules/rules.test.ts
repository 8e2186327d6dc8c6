import { describe, expect, test } from "vitest";
import type { Automation, Finding, Revision, Why, WhyNot } from "../api/words";
import { hallway, names } from "./describe/names.fixture";
import { namedIn } from "./describe/named";
import { outlineOf } from "./describe/outline";
import { exampleRule } from "./examples";
import { diffLines } from "./difference";
import { findingsOf, sidesOf, testResult, together, troubles } from "./findings";
import { enabledOf, shown, sorted, type Listed } from "./list";
import { outcomeIn } from "./outcomes";
import { removedIn } from "./removed";
import { askBefore, headline, hubSaysMore, nears, standings, triggerStandings } from "./why-not";

const finding = (more: Partial<Finding>): Finding => ({
  code: "conflict",
  severity: "warning",
  path: "",
  message: "",
  ...more,
});

describe("findings", () => {
  const conflict = finding({
    automations: ["night", "day"],
    path: "actions[0].command",
    params: { place: "actions[1].choose[0].do[0].command" },
  });
  test("have two sides where two rules meet", () => {
    expect(sidesOf(conflict)).toEqual([
      { automation: "night", path: "actions[0].command" },
      { automation: "day", path: "actions[1].choose[0].do[0].command" },
    ]);
    expect(sidesOf(finding({ automations: ["night"] }))).toEqual([]);
  });
  test("belong to each rule that they name, the worst first, each once", () => {
    const remark = finding({ severity: "info", automations: ["day"], code: "undone" });
    expect(findingsOf([remark, conflict], "day")).toEqual([conflict, remark]);
    expect(together([conflict], [conflict, remark])).toHaveLength(2);
    expect(troubles([conflict, remark])).toEqual([conflict]);
  });
});

test("tests pass unless something is found", () => {
  const failed = finding({ severity: "error", code: "test_failed", path: "tests[1]", message: "Got: nothing" });
  expect(testResult([failed], "tests[1]")).toEqual({ result: "fails", message: "Got: nothing" });
  expect(testResult([failed], "tests[0]").result).toBe("passes");
  expect(testResult([finding({ code: "test_not_run", message: "No place" })], "tests[0]")).toEqual({
    result: "not_run",
    message: "No place",
  });
  expect(testResult([finding({ severity: "error", code: "unknown_name" })], "tests[0]").result).toBe("not_run");
  expect(testResult(null, "tests[0]").result).toBe("not_run");
});

test("a diff is lines without its heads", () => {
  const lines = diffLines("--- a\n+++ b\n@@ -1,2 +1,2 @@\n-old\n+new: 1\n same\n@@ -9 +9 @@\n+more\n");
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "removed old",
    "added new: 1",
    "same same",
    "gap ",
    "added more",
  ]);
  expect(diffLines("")).toEqual([]);
});

describe("the list", () => {
  const rule = (id: string, name: string, more: Partial<Automation> = {}, findings: Finding[] = []): Listed => ({
    automation: {
      id,
      name,
      enabled: true,
      revision: 1,
      changed_at: "",
      author: "hub",
      active_runs: 0,
      findings: [],
      ...more,
    },
    sentence: `When something: turn on ${name}`,
    named: namedIn(id === "a" ? hallway : { triggers: [{ state: { device: "Study lamp" } }] }),
    findings,
  });
  const rules = [
    rule("b", "Study", { last_fired_at: "2026-01-02T00:00:00Z" }, [finding({})]),
    rule("a", "Hallway", { last_fired_at: "2026-01-03T00:00:00Z" }),
    rule("c", "Attic"),
  ];
  const all = { words: "", device: null, area: null, onlyTroubled: false };
  const ids = (list: Listed[]) => list.map(({ automation }) => automation.id).join("");
  const order = (a: string, b: string) => a.localeCompare(b);

  test("is searched and filtered", () => {
    expect(ids(shown(rules, all))).toBe("bac");
    expect(ids(shown(rules, { ...all, words: "TURN hall" }))).toBe("a");
    expect(ids(shown(rules, { ...all, device: { id: "demo:lamp", name: "Lamp" } }))).toBe("a");
    expect(ids(shown(rules, { ...all, device: { id: "demo:study", name: "Study lamp" } }))).toBe("bc");
    expect(ids(shown(rules, { ...all, area: { id: "hall", name: "Hallway", devices: [] } }))).toBe("a");
    expect(
      ids(shown(rules, { ...all, area: { id: "study", name: "Study", devices: [{ id: "x", name: "Study lamp" }] } })),
    ).toBe("bc");
    expect(ids(shown(rules, { ...all, onlyTroubled: true }))).toBe("b");
  });
  test("has an order", () => {
    expect(ids(sorted(rules, "name", order))).toBe("cab");
    expect(ids(sorted(rules, "ran", order))).toBe("abc");
    expect(ids(sorted(rules, "problems", order))).toBe("bca");
  });
  test("knows three states", () => expect([true, false, "shadow"].map(enabledOf)).toEqual(["on", "off", "shadow"]));
});

describe("why not", () => {
  const why = (more: Partial<WhyNot>): WhyNot => ({
    automation: "a",
    name: "A",
    at: "2026-11-26T18:00:00Z",
    reason: { code: "trigger", text: "Nothing." },
    revision: 1,
    changed_at: "2026-11-01T00:00:00Z",
    enabled: true,
    active_runs: 0,
    findings: [],
    triggers: [],
    conditions: [],
    misses: [],
    text: [],
    ...more,
  });
  const outline = outlineOf(hallway, names);
  const miss = (at: string, result = "conditions") => ({
    at,
    result,
    path: "conditions[0].not",
    text: "",
    trigger: { kind: "state", device: "demo:motion", attribute: "occupancy", from: false, to: true },
    conditions: [{ path: "conditions[0].not", value: "night", as_wanted: true }],
  });

  test("the hub's own sentence follows only where it says more than how triggers and conditions stood", () => {
    const says = (code: string, text: string) => hubSaysMore({ reason: { code, text } });
    expect(says("trigger", "Hallway motion occupancy has been false, wanted true.")).toBe(false);
    expect(says("condition", "conditions[0] did not hold.")).toBe(false);
    expect(says("failed", "The device is gone.")).toBe(true);
  });

  test("names the condition that is to blame, and what was seen", () => {
    const reason = { code: "condition", path: "conditions[0].not", text: "" };
    expect(headline(why({ reason, misses: [miss("2026-11-26T17:59:00Z")] }), hallway, outline, names)).toBe(
      "It was set off, but it only goes on if not: the home’s mode is Night. That did not hold; it was: Night.",
    );
    expect(headline(why({ reason: { ...reason, path: "conditions[1].or[0]" } }), hallway, outline, names)).toBe(
      "It was set off, but it only goes on if Hallway lamp is off. That did not hold.",
    );
  });
  test("has words for each reason of the hub, and the hub's own for others", () => {
    expect(headline(why({}), hallway, outline, names)).toBe("Nothing happened that sets it off.");
    expect(headline(why({ reason: { code: "waiting", path: "triggers[0]", text: "" } }), hallway, outline, names)).toBe(
      "It is counting: it acts when Hallway motion notices motion.",
    );
    expect(headline(why({ reason: { code: "new", text: "Something new." } }), hallway, outline, names)).toBe(
      "Something new.",
    );
  });
  test("tells how conditions and triggers stood", () => {
    const now = Date.parse("2026-11-26T18:00:00Z");
    const part = {
      path: "conditions[1].or[0]",
      kind: "state",
      about: "",
      wants: "",
      holds: false,
      parts: [],
      error: null,
    };
    const seen = {
      about: "Hallway lamp on",
      device: "demo:lamp",
      attribute: "on",
      endpoint: 1,
      value: true,
      since: "2026-11-26T17:00:00Z",
      as_wanted: false,
    };
    const [group] = standings(
      [
        {
          path: "conditions[1]",
          kind: "or",
          about: "",
          wants: "",
          holds: false,
          looked_at: [],
          parts: [{ ...part, looked_at: [seen] }],
          error: null,
        } as never,
      ],
      hallway,
      names,
      now,
    );
    expect(group?.text).toBe("at least one of these holds:");
    expect(group?.parts[0]).toMatchObject({
      text: "if Hallway lamp is off",
      holds: false,
      seen: ["Hallway lamp: On (1 hour ago)"],
    });
    const [trigger] = triggerStandings(
      [
        {
          path: "triggers[0]",
          kind: "state",
          wants: "true",
          watched: [{ about: "", device: "demo:motion", attribute: "occupancy", value: null, matches: false }],
        },
      ],
      outline,
      names,
      now,
      "UTC",
    );
    expect(trigger).toMatchObject({
      text: "when Hallway motion notices motion",
      holds: false,
      seen: ["Hallway motion: unknown"],
    });
  });
  test("goes back through a day, each moment once", () => {
    const answer = why({ misses: [miss("2026-11-26T17:59:00Z"), miss("2026-11-26T18:01:00Z")] });
    const since = Date.parse("2026-11-26T00:00:00Z");
    expect(askBefore(answer, since, 1)).toBe("2026-11-26T17:58:59.000Z");
    // Eighteen hours in six strides.
    expect(askBefore(answer, since, 18)).toBe("2026-11-26T15:00:00.000Z");
    expect(askBefore(answer, since, 24)).toBeNull();
    expect(askBefore(why({ misses: [miss("2026-11-26T10:00:00Z")] }), since, 1)).toBe("2026-11-26T09:59:59.000Z");
    expect(askBefore(why({}), since, 1)).toBeNull();
    expect(askBefore(why({ misses: [miss("2026-11-25T10:00:00Z")] }), since, 1)).toBeNull();
    const run = { id: "r", started_at: "2026-11-26T12:00:00Z", phase: "finished" } as never;
    expect(nears([answer, answer], [run], names)).toEqual([
      {
        at: "2026-11-26T18:01:00Z",
        kind: "missed",
        text: "Hallway motion: No motion → Motion – a condition did not hold",
      },
      {
        at: "2026-11-26T17:59:00Z",
        kind: "missed",
        text: "Hallway motion: No motion → Motion – a condition did not hold",
      },
      { at: "2026-11-26T12:00:00Z", kind: "ran", text: "Done" },
    ]);
  });
});

test("what became of a command is known if nothing came after it", () => {
  const state = { kind: "state", at: "2026-11-26T18:00:01Z" };
  const run = (id: string, path: string) => ({ kind: "run", run: id, action: { path, set: {} } });
  const why = (chain: object[], attempt: object | null = null) => ({ chain, attempt }) as unknown as Why;
  expect(outcomeIn(why([state, run("r", "actions[0]")]), "r", "actions[0]")).toMatchObject({
    text: "confirmed",
    at: state.at,
  });
  expect(outcomeIn(why([state, run("s", "actions[0]"), run("r", "actions[0]")]), "r", "actions[0]").text).toBe(
    "overtaken",
  );
  expect(outcomeIn(why([state, run("r", "actions[1]")]), "r", "actions[0]").text).toBe("overtaken");
  const attempt = { cause: { kind: "rule", run: "r" }, reason: "no_report" };
  expect(outcomeIn(why([state], attempt), "r", "actions[0]")).toMatchObject({ text: "failed", detail: "no_report" });
});

test("of removed rules those are told that are not back", () => {
  const revision = (id: string, change: string) => ({ id, change }) as Revision;
  const revisions = [
    revision("a", "removed"),
    revision("b", "reverted"),
    revision("b", "removed"),
    revision("a", "changed"),
  ];
  expect(removedIn(revisions).map(({ id }) => id)).toEqual(["a"]);
});

test("examples are made of what the home has", () => {
  const device = (id: string, area: string, attributes: string[], capabilities: string[] = []) =>
    ({
      id,
      name: id,
      area,
      endpoints: [{ id: 1, capabilities, attributes: attributes.map((name) => ({ name })) }],
    }) as never;
  const devices = [
    device("lamp", "study", ["on"], ["light"]),
    device("motion", "hall", ["occupancy"]),
    device("hall-lamp", "hall", ["on"], ["light"]),
  ];
  expect(exampleRule("motion_light", devices)).toMatchObject({
    triggers: [{ state: { device: "motion", to: true } }],
    actions: [{ command: { device: "hall-lamp", set: { on: true } } }, { timeout: "30m" }, {}],
  });
  expect(exampleRule("open_window", devices)).toMatchObject({
    triggers: [{ state: { device: "", attribute: "open" } }],
  });
  expect(exampleRule("nothing", devices)).toBeNull();
});
