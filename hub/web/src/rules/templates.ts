/** Rules to begin with: what most homes want. What is open in them, such as which lamp, is what one chooses next. */
import type { Key } from "../language/language.svelte";
import type { Json } from "./path";

interface Template {
  name: Key;
  document: { [key: string]: Json };
}

export const TEMPLATES: readonly Template[] = [
  {
    name: "rule.template.motion",
    document: {
      mode: "restart",
      triggers: [{ state: { attribute: "occupancy", to: true } }],
      conditions: [{ sun: { after: "sunset", before: "sunrise" } }],
      actions: [
        { command: { set: { on: true } } },
        { wait_for: [{ state: { attribute: "occupancy", to: false, for: "2m" } }], timeout: "1h" },
        { command: { set: { on: false } } },
      ],
    },
  },
  {
    name: "rule.template.window",
    document: {
      mode: "restart",
      triggers: [{ state: { attribute: "open", to: true, for: "3m" } }],
      conditions: [],
      actions: [{ command: { set: { heating_setpoint: 12 } } }],
    },
  },
  {
    name: "rule.template.leave",
    document: {
      triggers: [{ presence: { everyone: true, to: "away" } }],
      conditions: [],
      actions: [{ command: { device: { type: "light", all: true }, set: { on: false } } }, { set_mode: "away" }],
    },
  },
  {
    name: "rule.template.button",
    document: {
      triggers: [{ event: { attribute: "action", is: "single" } }],
      conditions: [],
      actions: [{ toggle: {} }],
    },
  },
  {
    name: "rule.template.done",
    document: {
      triggers: [{ numeric: { attribute: "power", above: 50, for: "2m" } }],
      conditions: [],
      actions: [
        { wait_for: [{ numeric: { attribute: "power", below: 5, for: "3m" } }], timeout: "4h", on_timeout: "stop" },
        { notify: { message: "" } },
      ],
    },
  },
  {
    name: "rule.template.leak",
    document: {
      triggers: [{ state: { attribute: "water_leak", to: true } }],
      conditions: [],
      actions: [{ notify: { message: "", severity: "error" } }],
    },
  },
  {
    name: "rule.template.time",
    document: {
      triggers: [{ time: "06:45", weekdays: ["mon", "tue", "wed", "thu", "fri"] }],
      conditions: [],
      actions: [{ command: {} }],
    },
  },
];
