/** Rules to start from, made of the devices that the home has. */
import type { Device } from "../api/words";
import { t } from "../language/language.svelte";
import type { Mapping } from "./describe/node";

export const EXAMPLES = ["motion_light", "everyone_left", "open_window"] as const;
export type Example = (typeof EXAMPLES)[number];

const has = (device: Device, name: string) =>
  device.endpoints.some(({ attributes }) => attributes.some((one) => one.name === name));
const isLight = (device: Device) => device.endpoints.some(({ capabilities }) => capabilities?.includes("light"));

/** The document of an example; null = there is none of this name. Where the home has no such device its name is empty. */
export function exampleRule(name: string | null, devices: Device[]): Mapping | null {
  const motion = devices.find((one) => has(one, "occupancy"));
  const lights = devices.filter(isLight);
  const light = lights.find(({ area }) => area && area === motion?.area) ?? lights[0];
  const window = devices.find((one) => has(one, "open"));
  const moved = (to: boolean, more: object = {}) => ({
    state: { device: motion?.id ?? "", attribute: "occupancy", to, ...more },
  });
  const turn = (on: boolean) => ({ command: { device: light?.id ?? "", set: { on } } });
  const named = (example: Example) => t(`rules.example.${example}`);
  const documents: Record<Example, () => Mapping> = {
    motion_light: () => ({
      name: named("motion_light"),
      mode: "restart",
      triggers: [moved(true)],
      actions: [turn(true), { wait_for: moved(false, { for: "2m" }), timeout: "30m" }, turn(false)],
    }),
    everyone_left: () => ({
      name: named("everyone_left"),
      triggers: [{ presence: { everyone: true, to: "away" } }],
      actions: [{ command: { device: { type: "light", all: true }, set: { on: false } } }],
    }),
    open_window: () => ({
      name: named("open_window"),
      triggers: [{ state: { device: window?.id ?? "", attribute: "open", to: true, for: "15m" } }],
      actions: [{ notify: { message: t("rules.example.open_window_message", { device: window?.name ?? "" }) } }],
    }),
  };
  const known = EXAMPLES.find((one) => one === name);
  return known ? documents[known]() : null;
}
