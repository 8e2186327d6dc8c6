/** A large simulated home for measurements, and what makes things happen in it. */
import type { CDPSession } from "@playwright/test";
import { Hub } from "../journeys/hub";

/** Of so many simulated homes of 31 devices each. */
export const HOMES = 8;
export const EVENTS_PER_SECOND = 50;

/** A claimed hub with 248 devices. */
export async function largeHome(): Promise<Hub> {
  const homes = Array.from(
    { length: HOMES },
    (_, number) => `[[driver]]\nid = "home${number}"\ntype = "virtual"\nseed = ${number}\n`,
  );
  const hub = await Hub.begin(homes.join("\n"));
  await hub.claim();
  return hub;
}

interface Devices {
  items: { id: string; endpoints: { attributes: { name: string }[] }[] }[];
}

/** Sends commands to all lamps in turn, so many a second, until it is told to end. */
export async function commandsFor(hub: Hub, seconds: number): Promise<void> {
  const devices = await hub.api<Devices>("GET", "devices?limit=1000");
  const lamps = devices.items.filter(({ endpoints }) =>
    endpoints.some(({ attributes }) => attributes.some(({ name }) => name === "brightness")),
  );
  const begin = Date.now();
  const end = begin + seconds * 1000;
  let sent = 0;
  while (Date.now() < end) {
    const due = Math.floor(((Date.now() - begin) / 1000) * EVENTS_PER_SECOND);
    for (; sent < due; sent += 1) {
      const lamp = lamps[sent % lamps.length]?.id ?? "";
      const set = { brightness: 1 + ((sent * 7) % 99) };
      void hub.api("POST", `devices/${lamp}/commands`, { set }).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What the page keeps in memory, without what only waits to be thrown away. */
export async function heap(session: CDPSession): Promise<{ megabytes: number; nodes: number }> {
  // What the first round lets go of may hold more.
  for (let round = 0; round < 2; round += 1) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  return { megabytes: of("JSHeapUsedSize") / 1024 / 1024, nodes: of("Nodes") };
}
