import { describe, expect, test } from "vitest";
import { actionText } from "./actions";
import { conditionText } from "./conditions";
import { durationText, lengthText, milliseconds } from "./duration";
import { namedIn } from "./named";
import { hallway, names } from "./names.fixture";
import { nodeAt } from "./node";
import { allLines, conditionAt, lineAt, outlineOf } from "./outline";
import { sentenceOf } from "./sentence";
import { testsOf } from "./tests-in";
import { triggerText } from "./triggers";

describe("lengths of time", () => {
  test.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["00:02:30", 150_000],
    ["500ms", 500],
    ["soon", null],
    [5, null],
  ])("%s", (written, length) => expect(milliseconds(written)).toBe(length));

  test("are said as people say them", () => {
    expect(durationText("1h30m")).toBe("1 hour 30 minutes");
    expect(durationText("{{ x }}")).toBe("{{ x }}");
    expect(lengthText(0)).toBe("0 seconds");
    expect(lengthText(20_004)).toBe("20 seconds");
    expect(lengthText(90_061_000)).toBe("1 day 1 hour");
  });
});

describe("triggers", () => {
  test.each([
    [{ state: { device: "demo:motion", attribute: "occupancy", to: true } }, "Hallway motion notices motion"],
    [
      { state: { device: "demo:door", attribute: "open", to: true, for: "3m" } },
      "Front door opens and stays so for 3 minutes",
    ],
    [{ state: { device: "demo:door", attribute: "open", from: false, to: true } }, "Front door opens"],
    [
      { state: { device: "x", attribute: "hvac_mode", from: "off", to: ["heat", "cool"] } },
      "x (Mode) goes from Off to Heat or Cool",
    ],
    [{ state: { device: "x", attribute: "hvac_mode", from: "off" } }, "x (Mode) is no longer Off"],
    [{ state: { device: "x", attribute: "hvac_mode" } }, "x (Mode) changes"],
    [{ numeric: { device: "x", attribute: "temperature", above: 21 } }, "x (Temperature) rises above 21\u202f°C"],
    [
      { numeric: { device: "x", attribute: "temperature", above: 17, below: "22 °C" } },
      "x (Temperature) comes between 17\u202f°C and 22 °C",
    ],
    [{ event: { device: "Remote", attribute: "action", is: "single" } }, "Remote is pressed once"],
    [{ event: { device: "Remote", is: ["single", "up_hold"] } }, "Remote is pressed once or Remote sends “Up hold”"],
    [{ time: "07:30", weekdays: ["mon", "tue", "wed", "thu", "fri"] }, "it is 07:30 (Mon–Fri)"],
    [{ time: { at: ["07:30", "19:30"] } }, "it is 07:30 or 19:30"],
    [{ sun: "sunrise" }, "the sun rises"],
    [{ sun: { event: "sunset", offset: "-20m" } }, "it is 20 minutes before sunset"],
    [{ every: "15m" }, "it is time again (every 15 minutes)"],
    [
      { availability: { device: "demo:lamp", to: "offline", for: "10m" } },
      "Hallway lamp cannot be reached any more and stays so for 10 minutes",
    ],
    [{ presence: { person: "anna", to: "home" } }, "Anna comes home"],
    [{ presence: { everyone: true, to: "away" } }, "everybody has left home"],
    [{ presence: { anyone: true, to: "school" } }, "somebody arrives at school"],
    [{ mode: { to: ["night", "guests"] } }, "the home’s mode becomes Night or guests"],
    [{ start: {} }, "the hub starts"],
    [{ webhook: { id: "secret" } }, "its web address (webhook) is called"],
    [{ strange: 1 }, '{"strange":1}'],
  ])("%j", (node, words) => expect(triggerText(node, names)).toBe(words));
});

describe("conditions", () => {
  test.each([
    [
      { state: { device: "demo:lamp", attribute: "on", is: false, for: "10m" } },
      "Hallway lamp is off, for 10 minutes already",
    ],
    [{ state: { device: "x", attribute: "hvac_mode", is: ["heat", "cool"] } }, "x (Mode) is Heat or Cool"],
    [{ numeric: { device: "x", attribute: "temperature", below: 5 } }, "x (Temperature) is below 5\u202f°C"],
    [{ time: { after: "22:00", before: "06:00" } }, "it is between 22:00 and 06:00"],
    [{ time: { after: "12:00", weekdays: ["sat", "sun"] } }, "it is 12:00 or later and the day is one of: Sat and Sun"],
    [
      { sun: { after: "sunset", after_offset: "-30m", before: "sunrise" } },
      "it is between 30 minutes before sunset and sunrise",
    ],
    [{ presence: { person: "anna", is: "away" } }, "Anna is away"],
    [{ mode: { is: ["night", "away"] } }, "the home’s mode is Night or Away"],
    [{ availability: { device: "demo:lamp", is: "online" } }, "Hallway lamp can be reached"],
    [{ not: { mode: "night" } }, "not: the home’s mode is Night"],
    ["now().hour > 20", "this is true: now().hour > 20"],
  ])("%j", (node, words) => expect(conditionText(node, names)).toBe(words));
});

describe("actions", () => {
  test.each([
    [
      { command: { device: "demo:lamp", set: { on: true, brightness: 40 }, transition: "2s" } },
      "turn on Hallway lamp (Brightness 40\u202f%), over 2 seconds",
    ],
    [{ command: { device: ["demo:lamp", "x"], set: { on: false } } }, "turn off Hallway lamp and x"],
    [{ command: { device: { type: "light", all: true }, set: { on: false } } }, "turn off all lights"],
    [
      { command: { device: "x", endpoint: "left", set: { brightness: "{{ vars.level }}" } } },
      "set x (left): Brightness [vars.level]",
    ],
    [{ command: { device: "Lock", set: { locked: true } } }, "lock Lock"],
    [{ toggle: { device: "demo:lamp" } }, "switch Hallway lamp over (on if off, off if on)"],
    [{ scene: { name: "Cosy", transition: "5s" } }, "activate the scene “Cosy”, over 5 seconds"],
    [
      {
        wait_for: { state: { device: "demo:door", attribute: "open", to: false } },
        timeout: "10m",
        on_timeout: "stop",
      },
      "wait until Front door closes; after 10 minutes without that, stop",
    ],
    [{ repeat: { times: 3, do: [] } }, "repeat 3 times:"],
    [{ repeat: { while: ["true"], do: [] } }, "repeat as long as this is true: true:"],
    [{ notify: { to: "anna", title: "Water", message: "At {{ trigger.device }}!" } }, "tell Anna: “Water: At …!”"],
    [{ notify: "Hello" }, "tell everybody: “Hello”"],
    [{ set_mode: "away" }, "set the home’s mode to Away"],
    [{ run: "other" }, "run the rule “other”"],
    [{ stop: "enough" }, "stop here: enough"],
  ])("%j", (node, words) => expect(actionText(node, names)).toBe(words));
});

describe("a whole rule", () => {
  const outline = outlineOf(hallway, names);

  test("is a tree with the places that the hub names", () => {
    const lines = allLines([...outline.triggers, ...outline.conditions, ...outline.actions]);
    expect(lines.map(({ path }) => path)).toEqual([
      "triggers[0]",
      "conditions[0]",
      "conditions[0].not",
      "conditions[1]",
      "conditions[1].or[0]",
      "conditions[1].or[1]",
      "actions[0]",
      "actions[1]",
      "actions[2]",
      "actions[2].choose[0].do[0]",
      "actions[2].choose[1].do[0]",
      "actions[2].else[0]",
      "actions[3]",
      "actions[3].then[0]",
      "actions[3].then[0].parallel[0][0]",
      "actions[3].then[0].parallel[1]",
    ]);
    for (const { path } of lines) expect(nodeAt(hallway, path), path).toBeDefined();
  });

  test("keeps notes", () => expect(outline.actions[0]?.note).toBe("Not too bright."));

  test("finds the line at a place, or the nearest that holds it", () => {
    expect(lineAt(outline, "actions[0].command.set")?.text).toBe("turn on Hallway lamp (Brightness 40\u202f%)");
    expect(lineAt(outline, "actions[2].choose[0].do[0]")?.text).toBe("wait 5 seconds");
    expect(lineAt(outline, "actions[2].choose[0].if")?.path).toBe("actions[2]");
    expect(lineAt(outline, "actions[20]")).toBeNull();
  });

  test("finds conditions that are no lines", () => {
    expect(conditionAt(hallway, "actions[2].choose[0].if", names)).toBe("Front door is open");
    expect(conditionAt(hallway, "actions[2].choose[1].if[0]", names)).toBe("the home’s mode is Away");
    expect(conditionAt(hallway, "conditions[9]", names)).toBeNull();
  });

  test("is a sentence", () => {
    expect(sentenceOf(hallway, names)).toBe(
      "When Hallway motion notices motion, if not: the home’s mode is Night and (Hallway lamp is off or this is true: now().hour > 20): turn on Hallway lamp (Brightness 40\u202f%), wait until Hallway motion notices no more motion and stays so for 2 minutes; 30 minutes at most, wait 5 seconds, stop here: gone or turn off all lights in Hallway …",
    );
    const many = { triggers: Array.from({ length: 4 }, () => ({ start: {} })), actions: [{ stop: "x" }] };
    expect(sentenceOf(many, names)).toBe("When the hub starts, the hub starts or 2 more: stop here: x.");
    expect(sentenceOf({}, names)).toBe("When : .");
  });

  test("says what it names", () => {
    const { devices, areas, scenes } = namedIn({
      ...hallway,
      conditions: [{ if: "state('Study lamp', \"on\")" }],
      tests: [{ when: [{ device: "other" }] }],
    });
    expect([...devices].sort()).toEqual(["Study lamp", "demo:door", "demo:lamp", "demo:motion"]);
    expect([...areas]).toEqual(["hall"]);
    expect([...scenes]).toEqual(["Cosy"]);
  });
});

test("tests are told in words", () => {
  const document = {
    tests: [
      {
        name: "off again",
        given: {
          time: "2026-01-05 22:00",
          presence: { anna: "home" },
          states: [{ device: "demo:lamp", attribute: "on", value: false }],
        },
        when: [
          { device: "demo:motion", attribute: "occupancy", value: true },
          { after: "1m" },
          { after: "5s", down: "10m" },
        ],
        then: [{ device: "demo:lamp", set: { on: true } }, { notify: true }],
      },
      { name: "nothing", when: [{ mode: "night" }], then: [] },
    ],
  };
  expect(testsOf(document, names)).toEqual([
    {
      path: "tests[0]",
      name: "off again",
      given: ["it is 2026-01-05 22:00", "Anna is at home", "Hallway lamp (On): Off"],
      when: ["Hallway motion (Motion): Motion", "wait 1 minute", "5 seconds later: the hub is stopped for 10 minutes"],
      then: ["turn on Hallway lamp", "tell somebody something"],
    },
    { path: "tests[1]", name: "nothing", given: [], when: ["the home’s mode becomes Night"], then: [] },
  ]);
});
