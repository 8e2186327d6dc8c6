/** The states of a scene, as a person edits them. */
import type { Attribute, Device, RevisionDiff, Scene, SceneState } from "../api/words";
import { attributeName, valueText, type Units } from "../format/value";
import { t } from "../language/language.svelte";

/** What the hub takes when it makes a scene of what is. */
const CAPTURED = [
  "on",
  "brightness",
  "color",
  "color_temperature",
  "position",
  "tilt",
  "heating_setpoint",
  "cooling_setpoint",
  "hvac_mode",
  "fan_mode",
  "fan_speed",
];

const isWritable = ({ access }: Attribute) => access.includes("write");

/** What a state sets, in the order in which people think of it. */
export function inOrder(set: object): [string, unknown][] {
  const rank = (name: string) => (CAPTURED.indexOf(name) + CAPTURED.length + 1) % (CAPTURED.length + 1);
  return Object.entries(set).sort(([a], [b]) => rank(a) - rank(b));
}

export function isCaptured(device: Device): boolean {
  return device.endpoints.some(({ attributes }) =>
    attributes.some((one) => isWritable(one) && CAPTURED.includes(one.name)),
  );
}

/** The endpoint that a state is about; without a number the first that has all of it. */
export function endpointOf(device: Device | undefined, state: Pick<SceneState, "endpoint" | "set">) {
  const { endpoint, set } = state;
  const names = Object.keys(set);
  return device?.endpoints.find(({ id, attributes }) =>
    endpoint == null ? names.every((name) => attributes.some((one) => one.name === name)) : id === endpoint,
  );
}

export function attributeOf(
  device: Device | undefined,
  state: Pick<SceneState, "endpoint" | "set">,
  name: string,
): Attribute | undefined {
  return endpointOf(device, state)?.attributes.find((one) => one.name === name);
}

/** What a state could set too. */
export function addable(device: Device | undefined, state: SceneState): Attribute[] {
  const has = Object.keys(state.set);
  return (endpointOf(device, state)?.attributes ?? []).filter(
    (one) => isWritable(one) && !one.momentary && !has.includes(one.name) && !clashes(one.name, has),
  );
}

/** A light has one colour: by its place on the wheel, or as white light. */
function clashes(name: string, has: string[]): boolean {
  return (
    (name === "color" && has.includes("color_temperature")) || (name === "color_temperature" && has.includes("color"))
  );
}

/** What an attribute begins with when it is added: what it is now, or something that it can be. */
export function firstValue({ kind, min, values, state }: Attribute): unknown {
  if (state.value !== null && state.value !== undefined) return plain(state.value);
  const begin: Record<string, unknown> = {
    bool: true,
    number: min ?? 0,
    enum: values?.[0] ?? "",
    color: { hue: 30, saturation: 80 },
  };
  return begin[kind] ?? "";
}

/** A copy that is no state of the page. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** What is now in the place of what the state sets. */
export function asNow(device: Device | undefined, state: SceneState): SceneState {
  const set = Object.fromEntries(
    Object.entries(state.set as Record<string, unknown>).map(([name, value]) => {
      const now = attributeOf(device, state, name)?.state.value;
      return [name, now === null || now === undefined ? value : plain(now)];
    }),
  );
  return { ...state, set };
}

/** States of a device that the scene does not have yet: one for each endpoint that can be captured. */
export function statesOf(device: Device): SceneState[] {
  return device.endpoints.flatMap(({ id, attributes }) => {
    const has = (name: string) => attributes.find((one) => one.name === name)?.state.value;
    const white = has("color_mode") !== "color" && has("color_temperature") != null;
    const wanted = attributes.filter(
      (one) =>
        isWritable(one) &&
        CAPTURED.includes(one.name) &&
        one.state.value != null &&
        // Anything else would switch it on.
        (one.name === "on" || has("on") !== false) &&
        !(one.name === "color" && white) &&
        !(one.name === "color_temperature" && !white),
    );
    if (wanted.length === 0) return [];
    return [
      {
        device: device.id,
        endpoint: id,
        set: Object.fromEntries(wanted.map((one) => [one.name, plain(one.state.value)])),
      },
    ];
  });
}

/** A change between two revisions of a scene, in words. */
export function changeText(
  change: RevisionDiff["changes"][number],
  scene: Pick<Scene, "states"> | null,
  devices: { get(id: string): Device | undefined },
  units: Units,
): string {
  const found = /^states\[(\d+)\](?:\.set\.(\w+))?/.exec(change.path);
  const state = found ? scene?.states[Number(found[1])] : undefined;
  const device = state ? devices.get(state.device) : undefined;
  const name = state ? (device?.name ?? state.device) : "";
  const show = (value: unknown): string => {
    if (value === undefined) return t("scene.nothing");
    const attribute = found?.[2] && state ? attributeOf(device, state, found[2]) : undefined;
    if (attribute) return valueText(attribute, value, units);
    if (change.path === "transition_ms" && typeof value === "number")
      return t("scene.seconds", { count: value / 1000 });
    const whole = (value as SceneState | null)?.set;
    if (state && whole && typeof whole === "object") {
      return inOrder(whole)
        .map(([name, one]) => {
          const shape = attributeOf(device, value as SceneState, name) ?? { name, kind: "text", unit: null };
          return `${attributeName(name)} ${valueText(shape, one, units)}`;
        })
        .join(", ");
    }
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  const what = found?.[2]
    ? `${name}: ${attributeName(found[2])}`
    : name || { name: t("scene.name"), transition_ms: t("scene.transition") }[change.path] || change.path;
  return `${what}: ${show(change.from)} → ${show(change.to)}`;
}

/** Hue and saturation of the wheel as a browser's colour field has them, at full brightness. */
export function toHex({ hue, saturation }: { hue: number; saturation: number }): string {
  const share = saturation / 100;
  const channel = (shift: number) => {
    const k = (shift + hue / 60) % 6;
    return Math.round(255 * (1 - share * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return `#${[5, 3, 1].map((shift) => channel(shift).toString(16).padStart(2, "0")).join("")}`;
}

export function fromHex(hex: string): { hue: number; saturation: number } {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (spread === 0) return { hue: 0, saturation: 0 };
  const sextant =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4;
  return { hue: Math.round(sextant * 60), saturation: Math.round((spread / most) * 100) };
}
