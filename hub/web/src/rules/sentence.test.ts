import { expect, test, vi } from "vitest";
import english from "../../messages/en/rule.json";
import type { Device } from "../api/words";
import { session } from "../home/session.svelte";
import { rules } from "./corpus";
import { nodes, shapeOf } from "./document";
import { isGroup, KINDS, type Group } from "./language";
import type { Json } from "./path";
import { sentence } from "./sentence";
import { fieldName, kindName } from "./words";

vi.stubGlobal("navigator", { languages: ["en-GB"] });
/** Of more than a thousand rules, on a machine that does other things too. */
const PATIENCE = 60_000;

const attribute = (name: string, kind: string, unit: string | null = null) => ({
  name,
  kind,
  unit,
  access: ["notify", "write"],
  state: {},
});
const device = (id: string, name: string, attributes: object[]) =>
  session.live.devices.set(id, {
    id,
    name,
    area: "hall",
    endpoints: [{ id: 1, capabilities: ["light"], attributes }],
  } as unknown as Device);

device("x:motion", "Hallway motion", [attribute("occupancy", "bool"), attribute("illuminance", "number", "lx")]);
device("x:lamp", "Hallway lamp", [attribute("on", "bool"), attribute("brightness", "number", "%")]);
session.live.areas.set("hall", { id: "hall", name: "Hall" } as never);

const plain = (words: string) => words.replaceAll("\u202f", " ");

test("nodes are said as people would", () => {
  const table: [Group, Json, string][] = [
    ["trigger", { state: { device: "x:motion", attribute: "occupancy", to: true } }, "Hallway motion reports “Motion”"],
    [
      "trigger",
      { state: { device: "x:motion", attribute: "occupancy", from: true, to: false, for: "2m" } },
      "Hallway motion → Motion changes from Motion to No motion and stays so for 2 minutes",
    ],
    [
      "trigger",
      { numeric: { device: "x:motion", attribute: "illuminance", below: 50 } },
      "Hallway motion → Brightness of the room falls below 50 lx",
    ],
    ["trigger", { time: "07:30", weekdays: ["mon", "tue", "wed"] }, "At 07:30 on Mon–Wed"],
    ["trigger", { sun: { event: "sunset", offset: "-1h30m" } }, "At 1 hour 30 minutes before sunset"],
    ["trigger", { presence: { everyone: true, to: "away" } }, "Everyone leaves home"],
    ["condition", { time: { after: "22:00", before: "06:00" } }, "It is between 22:00 and 06:00"],
    ["condition", "vars.x > 1", "vars.x > 1"],
    [
      "action",
      { command: { device: { area: "hall", type: "light" }, set: { on: true, brightness: 40 } } },
      "All lights in Hall: On, Brightness 40 %",
    ],
    ["action", { command: { device: ["x:lamp", "y:gone"], set: { on: false } } }, "Hallway lamp and y:gone: Off"],
    ["action", { delay: "90s" }, "Wait 1 minute 30 seconds"],
    ["action", { newest: { x: 1 } }, '{"newest":{"x":1}}'],
  ];
  for (const [group, node, words] of table) expect(plain(sentence(group, node)), JSON.stringify(node)).toBe(words);
});

test(
  "every node of the corpus has a sentence, without a key of the messages in it",
  () => {
    for (const { name, rule } of rules()) {
      for (const { group, node } of nodes(rule)) {
        const words = sentence(group, node);
        expect(words, name).not.toBe("");
        expect(words, name).not.toMatch(/\brule\.\w/);
      }
    }
  },
  PATIENCE,
);

test("every kind and every field has a name", () => {
  const keys = new Set(Object.keys(english));
  for (const [group, kinds] of Object.entries(KINDS) as [Group, (typeof KINDS)[Group]][]) {
    for (const kind of kinds) {
      expect(keys, kindName(group, kind)).toContain(`rule.kind.${group}.${kind.name}`);
      for (const { field } of shapeOf(group, kind.fresh)?.entries ?? []) {
        if (field.key === "" && isGroup(field.holds)) continue;
        const own = field.key === "" ? kind.name : field.key;
        const known = keys.has(`rule.field.${group}.${kind.name}.${own}`) || keys.has(`rule.field.${own}`);
        expect(known, `${group} ${kind.name} ${own}: ${fieldName(group, kind, field)}`).toBe(true);
      }
    }
  }
});
