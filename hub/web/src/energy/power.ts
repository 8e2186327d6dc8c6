/** What the home takes at this moment, of the states of its devices. */
import type { Device } from "../api/words";

export interface Consumer {
  device: Device;
  watts: number;
}

export interface PowerNow {
  /** What the main meters say; null = there are none, or they are silent. Below zero: the home feeds into the grid. */
  meters: number | null;
  /** The sum of the devices that measure. */
  measured: number;
  /** They, the biggest first. */
  consumers: Consumer[];
  /** Devices that measure power and do not say how much at present. */
  silent: Device[];
}

/** What a device takes: endpoint 0 is the device as a whole, else its parts count together. null = it does not measure. */
function watts(device: Device): number | null | undefined {
  const powers = device.endpoints.flatMap(({ id, attributes }) =>
    attributes
      .filter(({ name, unit }) => name === "power" && (unit ?? "W") === "W")
      .map(({ state }) => ({ id, value: state.value })),
  );
  if (powers.length === 0) return undefined;
  const counted = powers.some(({ id }) => id === 0) ? powers.filter(({ id }) => id === 0) : powers;
  const numbers = counted.map(({ value }) => value).filter((value) => typeof value === "number");
  return numbers.length > 0 && device.availability !== "offline" ? numbers.reduce((a, b) => a + b, 0) : null;
}

export function powerNow(devices: Iterable<Device>, meters: string[]): PowerNow {
  const now: PowerNow = { meters: null, measured: 0, consumers: [], silent: [] };
  for (const device of devices) {
    // Of a group its members are counted.
    if ((device.members ?? []).length > 0) continue;
    const found = watts(device);
    if (found === undefined) continue;
    if (found === null) now.silent.push(device);
    else if (meters.includes(device.id)) now.meters = (now.meters ?? 0) + found;
    else {
      now.consumers.push({ device, watts: found });
      now.measured += found;
    }
  }
  now.consumers.sort((a, b) => b.watts - a.watts);
  return now;
}
