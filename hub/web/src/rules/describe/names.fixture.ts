/** A small home for tests: what is named is called so. */
import { vi } from "vitest";
import type { Names, Shape } from "./names";

vi.stubGlobal("navigator", { languages: ["en-GB"] });

const SHAPES: Record<string, Shape> = {
  on: { name: "on", kind: "bool", unit: null },
  occupancy: { name: "occupancy", kind: "bool", unit: null },
  open: { name: "open", kind: "bool", unit: null },
  brightness: { name: "brightness", kind: "number", unit: "%" },
  temperature: { name: "temperature", kind: "number", unit: "°C" },
};
const DEVICES: Record<string, string> = {
  "demo:lamp": "Hallway lamp",
  "demo:motion": "Hallway motion",
  "demo:door": "Front door",
};

export const names: Names = {
  device: (reference) => DEVICES[reference] ?? reference,
  shape: (_, name) => SHAPES[name] ?? { name, kind: "enum", unit: null },
  endpoint: (_, endpoint) => (endpoint === undefined || endpoint === null ? "" : String(endpoint)),
  area: (reference) => (reference === "hall" ? "Hallway" : reference),
  person: (reference) => (reference === "anna" ? "Anna" : reference),
  scene: (reference) => reference,
  rule: (reference) => reference,
  units: "metric",
  timeZone: "UTC",
};

export const hallway = {
  id: "hallway-light",
  name: "Hallway light",
  triggers: [{ state: { device: "demo:motion", attribute: "occupancy", to: true } }],
  conditions: [
    { not: { mode: "night" } },
    { or: [{ state: { device: "demo:lamp", attribute: "on", is: false } }, "now().hour > 20"] },
  ],
  actions: [
    { command: { device: "demo:lamp", set: { on: true, brightness: 40 } }, note: "Not too bright." },
    { wait_for: { state: { device: "demo:motion", attribute: "occupancy", to: false, for: "2m" } }, timeout: "30m" },
    {
      choose: [
        { if: { state: { device: "demo:door", attribute: "open", is: true } }, do: [{ delay: "5s" }] },
        { if: [{ mode: "away" }], do: [{ stop: "gone" }] },
      ],
      else: [{ command: { device: { area: "hall", type: "light" }, set: { on: false } } }],
    },
    { if: [{ mode: "home" }], then: [{ parallel: [[{ scene: "Cosy" }], { set_mode: "night" }] }] },
  ],
};
