import { expect, type CDPSession, type Page } from "@playwright/test";
import { test } from "@playwright/test";
import { Hub, logIn } from "../journeys/hub";

/** Of so many simulated homes of 31 devices each. */
const HOMES = 8;
const EVENTS_PER_SECOND = 50;
const SECONDS = Number(process.env["EVENTS_FOR"] ?? 20);

/** A phone of the middle class, as Lighthouse takes it, and one in the home's own Wi-Fi. */
const NETWORKS = [
  { name: "mobile network (1.6 Mbit/s, 150 ms)", latency: 150, throughput: (1.6 * 1024 * 1024) / 8 },
  { name: "Wi-Fi (20 Mbit/s, 10 ms)", latency: 10, throughput: (20 * 1024 * 1024) / 8 },
];
const PROCESSOR_SLOWDOWN = 4;

const percentile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const summary = (numbers: number[]) => {
  const all = sorted(numbers);
  return `p50 ${percentile(all, 0.5).toFixed(0)} ms, p95 ${percentile(all, 0.95).toFixed(0)} ms, most ${(all.at(-1) ?? NaN).toFixed(0)} ms, of ${all.length}`;
};

async function heap(session: CDPSession): Promise<{ megabytes: number; nodes: number }> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  return { megabytes: of("JSHeapUsedSize") / 1024 / 1024, nodes: of("Nodes") };
}

/** Notes for each event when it was made by the hub, and when the frame after it was on the screen. */
function watchEvents() {
  const noted: number[] = [];
  Object.assign(window, { noted });
  const Own = WebSocket;
  window.WebSocket = class extends Own {
    constructor(address: string | URL) {
      super(address);
      this.addEventListener("message", ({ data }) => {
        if (!data.includes('"state_changed"')) return;
        const at = Date.parse(JSON.parse(data).event.at);
        // The first frame holds the change, the second begins when the first has been drawn.
        requestAnimationFrame(() => requestAnimationFrame(() => noted.push(Date.now() - at)));
      });
    }
  };
}

/** Taps switches one after the other: from the finger to the frame in which the command is to be seen. */
async function taps(page: Page): Promise<number[]> {
  const switches = page.getByRole("article").getByRole("switch");
  const times: number[] = [];
  for (let number = 0; number < 20; number += 1) {
    times.push(
      await switches.nth(number).evaluate(
        (node) =>
          new Promise<number>((resolve) => {
            const before = node.getAttribute("aria-checked");
            const begin = performance.now();
            const look = () => {
              if (node.getAttribute("aria-checked") === before) return;
              seen.disconnect();
              requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begin)));
            };
            const seen = new MutationObserver(look);
            seen.observe(node, { attributes: true });
            (node as HTMLElement).click();
          }),
      ),
    );
  }
  return times;
}

test("the app beside 248 devices", async ({ page }) => {
  const homes = Array.from(
    { length: HOMES },
    (_, number) => `[[driver]]\nid = "home${number}"\ntype = "virtual"\nseed = ${number}\n`,
  );
  const hub = await Hub.begin(homes.join("\n"));
  try {
    await hub.claim();
    await page.addInitScript(watchEvents);
    await logIn(page, hub.address);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");

    for (const { name, latency, throughput } of NETWORKS) {
      await session.send("Network.setCacheDisabled", { cacheDisabled: true });
      await session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency,
        downloadThroughput: throughput,
        uploadThroughput: throughput / 2,
      });
      await session.send("Emulation.setCPUThrottlingRate", { rate: PROCESSOR_SLOWDOWN });
      const times: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        await page.goto(hub.address);
        await page.waitForSelector("article [role=switch]");
        times.push(await page.evaluate(() => performance.now()));
      }
      console.info(`first view usable, ${name}, processor ${PROCESSOR_SLOWDOWN} times slower: ${summary(times)}`);
    }
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });

    console.info(
      `tap to what is under way, processor ${PROCESSOR_SLOWDOWN} times slower: ${summary(await taps(page))}`,
    );
    await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    console.info(`tap to what is under way: ${summary(await taps(page))}`);

    const lamps = (
      await hub.api<{ items: { id: string; endpoints: { attributes: { name: string }[] }[] }[] }>(
        "GET",
        "devices?limit=1000",
      )
    ).items
      .filter((device) =>
        device.endpoints.some((endpoint) => endpoint.attributes.some(({ name }) => name === "brightness")),
      )
      .map(({ id }) => id);
    const before = await heap(session);
    await page.evaluate(() => void ((window as unknown as { noted: number[] }).noted.length = 0));
    const end = Date.now() + SECONDS * 1000;
    let sent = 0;
    const begin = Date.now();
    while (Date.now() < end) {
      const due = Math.floor(((Date.now() - begin) / 1000) * EVENTS_PER_SECOND);
      for (; sent < due; sent += 1) {
        const lamp = lamps[sent % lamps.length]!;
        void hub
          .api("POST", `devices/${lamp}/commands`, { set: { brightness: 1 + ((sent * 7) % 99) } })
          .catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const noted = await page.evaluate(() => (window as unknown as { noted: number[] }).noted);
    const after = await heap(session);
    expect(noted.length).toBeGreaterThan(SECONDS * EVENTS_PER_SECOND * 0.5);
    console.info(
      `event to pixel, ${EVENTS_PER_SECOND} commands a second for ${SECONDS} s (${(noted.length / SECONDS).toFixed(0)} changes a second): ${summary(noted)}`,
    );
    console.info(
      `memory of the page: ${before.megabytes.toFixed(1)} MiB and ${before.nodes} nodes before, ${after.megabytes.toFixed(1)} MiB and ${after.nodes} nodes after`,
    );
  } finally {
    await hub.end();
  }
});
