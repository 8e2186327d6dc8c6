import { expect, test } from "vitest";
import type { Device, PermissionRule } from "../api/words";
import { kept, outdoing } from "./outdone";

const device = (id: string, type: string, area: string | null) =>
  ({ id, area, endpoints: [{ id: 1, capabilities: [type], attributes: [] }] }) as unknown as Device;
const devices = [device("lamp", "light", "anna"), device("bulb", "light", "kitchen"), device("door", "lock", "hall")];
const child = { role: "child" };
const see: PermissionRule = { id: "see", who: child, allow: ["see"] };
const lights: PermissionRule = {
  id: "lights",
  who: child,
  allow: ["control"],
  what: { types: ["light", "cover"], capabilities: ["on", "brightness"] },
};
const scenes: PermissionRule = { id: "scenes", who: child, allow: ["control"], what: { parts: ["scenes"] } };
const readyMade = [see, lights, scenes];
const untilEight: PermissionRule = {
  who: { person: "user-lena" },
  allow: ["see", "control"],
  what: { types: ["light"], areas: ["anna"] },
  when: { to: "20:00" },
};
const ids = (rules: PermissionRule[]) => rules.map(({ id }) => id);

test("a limit that another rule goes past limits nothing", () => {
  expect(ids(outdoing(untilEight, readyMade, devices))).toEqual(["lights"]);
});

test("what is allowed already is not added", () => {
  const { when: _, ...always } = untilEight;
  expect(ids(outdoing(always, readyMade, devices))).toEqual(["lights"]);
  expect(outdoing({ ...always, what: { devices: ["lamp", "door"] } }, readyMade, devices)).toEqual([]);
  expect(outdoing({ ...always, allow: ["control", "configure"] }, readyMade, devices)).toEqual([]);
});

test("of seeing it counts only where the rule is about nothing else", () => {
  expect(ids(outdoing({ ...untilEight, allow: ["see"] }, readyMade, devices))).toEqual(["see"]);
});

test("a rule with conditions of its own, or for other things, goes past nothing", () => {
  const limited = { ...lights, daily: { minutes: 60 } };
  const kitchen = { ...lights, what: { areas: ["kitchen"] } };
  expect(outdoing(untilEight, [limited, kitchen, scenes], devices)).toEqual([]);
});

test("what is protected must be named to be allowed", () => {
  const door = { ...untilEight, what: { devices: ["door"] } };
  const everything = { ...lights, what: null };
  expect(outdoing(door, [everything], devices)).toEqual([]);
  expect(ids(outdoing(door, [{ ...lights, what: { types: ["lock"] } }], devices))).toEqual(["lights"]);
});

test("the rule itself is not counted when it is changed", () => {
  expect(outdoing({ ...untilEight, id: "own" }, [{ ...untilEight, id: "own", when: null }], devices)).toEqual([]);
});

test("parts of the hub are compared by name", () => {
  const some = { ...untilEight, what: { parts: ["scenes"] } };
  expect(ids(outdoing(some, readyMade, devices))).toEqual(["scenes"]);
});

test("what the role allows besides is kept for the person, without what goes past the limit", () => {
  expect(kept(readyMade, [lights], { person: "user-lena" })).toEqual([
    { who: { person: "user-lena" }, allow: ["see"] },
    { who: { person: "user-lena" }, allow: ["control"], what: { parts: ["scenes"] } },
  ]);
});
