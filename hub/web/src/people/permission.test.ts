import { beforeAll, expect, test, vi } from "vitest";
import type { Device, Verdict } from "../api/words";
import {
  byType,
  conditions,
  isConditional,
  level,
  ruleText,
  tidied,
  together,
  whoText,
  type Names,
} from "./permission";

const names: Names = {
  person: (id) => (id === "user-mia" ? "Mia" : id),
  device: (id) => (id === "door" ? "Front door" : id),
  area: (id) => (id === "anna" ? "Anna's room" : id),
  role: (role) => (role === "adult" ? "an adult" : role),
};
const verdict = (allowed: boolean, approvable = false): Verdict => ({ allowed, approvable, pin: false, reasons: [] });

// Node before 21 has none.
beforeAll(() => void vi.stubGlobal("navigator", { languages: ["en"] }));

test("a rule is a sentence", () => {
  const rule = {
    who: { role: "child" },
    allow: ["see", "control"],
    what: { areas: ["anna"], types: ["light", "cover"] },
  };
  expect(whoText(rule, names)).toBe("All children");
  expect(ruleText(rule, names)).toBe("may see and use lights and blinds in Anna's room");
  expect(ruleText({ who: { person: "user-mia" }, allow: ["see"] }, names)).toBe(
    "may see everything that is not protected",
  );
  expect(ruleText({ who: { role: "child" }, allow: ["control"], what: { areas: ["anna"] } }, names)).toBe(
    "may use all devices in Anna's room",
  );
  const heating = { who: { role: "child" }, allow: ["control"], what: { capabilities: ["heating_setpoint"] } };
  expect(ruleText(heating, names)).toBe("may use “Heat to” of all devices");
  expect(ruleText({ ...heating, what: { ...heating.what, areas: ["anna"] } }, names)).toBe(
    "may use “Heat to” in Anna's room",
  );
});

test("of many attributes the first are named", () => {
  const capabilities = ["on", "brightness", "color", "position", "tilt"];
  expect(ruleText({ who: { role: "child" }, allow: ["control"], what: { capabilities } }, names)).toBe(
    "may use “On”, “Brightness”, “Colour” and 2 more of all devices",
  );
});

test("its conditions are said one by one", () => {
  const rule = {
    who: { role: "child" },
    allow: ["control"],
    when: { from: "07:00", to: "20:30", weekdays: ["mon", "tue"] },
    limits: { heating_setpoint: { min: 18, max: 22 } },
    only_while_home: ["adult", "user-mia"],
    daily: { minutes: 60 },
    approval: true,
  };
  expect(conditions(rule, names)).toEqual([
    "from 07:00 to 20:30",
    "on Mon and Tue",
    "Heat to: 18 to 22",
    "while an adult or Mia is at home",
    "60 minutes a day",
    "an adult is asked each time",
  ]);
  expect(isConditional(rule)).toBe(true);
  expect(isConditional({ who: {}, allow: [] })).toBe(false);
});

test("the furthest that is allowed counts", () => {
  const no = verdict(false);
  expect(level({ see: verdict(true), control: no, configure: no })).toBe("see");
  expect(level({ see: verdict(true), control: verdict(false, true), configure: no })).toBe("ask");
  expect(level({ see: no, control: no, configure: no })).toBe("none");
  expect(together(["see", "control", "none", "control"])).toEqual({ level: "control", count: 2, of: 4 });
});

test("devices stand in the column of what they are for", () => {
  const device = (id: string, ...capabilities: string[]) =>
    ({ id, endpoints: [{ id: 1, capabilities, attributes: [] }] }) as unknown as Device;
  const columns = byType([device("a", "light"), device("b", "sensor"), device("c"), device("d", "light", "sensor")]);
  expect(columns.map(({ id, devices }) => [id, devices.map((one) => one.id)])).toEqual([
    ["light", ["a", "d"]],
    ["sensor", ["b"]],
    ["other", ["c"]],
  ]);
});

test("what is empty in a form is no condition", () => {
  const rule = {
    who: { role: "child" },
    allow: ["see"],
    what: { areas: [], types: ["light"] },
    when: { from: "", to: "" },
    approval: true,
    daily: { minutes: 5 },
  };
  expect(tidied(rule)).toEqual({ who: { role: "child" }, allow: ["see"], what: { types: ["light"] } });
});
