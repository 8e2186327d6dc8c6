/** What a device is for people: which picture and which controls stand for it. Tables in the order in which they are asked. */
import type { Attribute, Device } from "../api/words";
import type { IconName } from "../design/icons";

/** One attribute with the endpoint that it belongs to. */
export interface Part {
  endpoint: number;
  label: string | null;
  attribute: Attribute;
}

export const parts = once((device): Part[] =>
  device.endpoints.flatMap((endpoint) =>
    endpoint.attributes.map((attribute) => ({ endpoint: endpoint.id, label: endpoint.label ?? null, attribute })),
  ),
);

/** What a device is made of stays as it is until another device takes its place; its states change, and are not asked. */
function once<Found>(find: (device: Device) => Found): (device: Device) => Found {
  const known = new WeakMap<Device, Found>();
  return (device) => {
    const found = known.get(device);
    if (found !== undefined) return found;
    const first = find(device);
    known.set(device, first);
    return first;
  };
}

/** The first capability or attribute that a device has names its picture. */
const PICTURES: [sign: string, icon: IconName][] = [
  ["lock", "lock"],
  ["thermostat", "heat"],
  ["cover", "cover"],
  ["light", "light"],
  ["fan", "fan"],
  ["water_leak", "water"],
  ["smoke", "smoke"],
  ["gas", "smoke"],
  ["carbon_monoxide", "smoke"],
  ["open", "door"],
  ["occupancy", "motion"],
  ["presence", "motion"],
  ["remote", "remote"],
  ["action", "remote"],
  ["power", "plug"],
  ["switch", "plug"],
  ["temperature", "heat"],
  ["sensor", "sensor"],
];

export const picture = once((device): IconName => {
  const signs = new Set<string>();
  for (const endpoint of device.endpoints) {
    for (const capability of endpoint.capabilities ?? []) signs.add(capability);
    for (const { name } of endpoint.attributes) signs.add(name);
  }
  return PICTURES.find(([sign]) => signs.has(sign))?.[1] ?? "device";
});

/** What stands first on a tile; all else is on the device's page. */
const FIRST = [
  "on",
  "locked",
  "smoke",
  "carbon_monoxide",
  "gas",
  "water_leak",
  "open",
  "occupancy",
  "presence",
  "brightness",
  "position",
  "heating_setpoint",
  "cooling_setpoint",
  "fan_mode",
  "temperature",
  "humidity",
  "co2",
  "pm25",
  "illuminance",
  "power",
  "hvac_action",
  "vibration",
];

const isMain = ({ attribute }: Part) => !attribute.category && !attribute.momentary;
const rank = (part: Part) => (FIRST.indexOf(part.attribute.name) + FIRST.length + 1) % (FIRST.length + 1);

/** The attributes of a device that a tile shows, the most telling first. */
export const telling = once((device): Part[] => {
  const known = parts(device).filter((part) => isMain(part) && FIRST.includes(part.attribute.name));
  const shown = known.length > 0 ? known : parts(device).filter(isMain);
  return shown.sort((a, b) => rank(a) - rank(b));
});

/** What a light can shine in. */
const COLORS = ["color", "color_temperature"];

export const colors = once((device): Part[] =>
  parts(device).filter(({ attribute: { name, access } }) => COLORS.includes(name) && access.includes("write")),
);

/** What warns of danger while it is true. */
export const ALARMS = ["smoke", "carbon_monoxide", "gas", "water_leak"];

/** What a device warns of now. */
export function dangers(device: Device): Part[] {
  return parts(device).filter(({ attribute }) => ALARMS.includes(attribute.name) && attribute.state.value === true);
}

/** At this charge, in percent, a battery wants a new one; what a device says itself counts before it. */
export const BATTERY_LOW = 10;

export function isBatteryLow(device: Device): boolean {
  return parts(device).some(
    ({ attribute: { name, state } }) =>
      (name === "battery_low" && state.value === true) ||
      (name === "battery" && typeof state.value === "number" && state.value <= BATTERY_LOW),
  );
}

export function isLit(device: Device): boolean {
  return parts(device).some(({ attribute }) => attribute.name === "on" && attribute.state.value === true);
}
