import { expect, test, type Page } from "@playwright/test";
import { logIn, program } from "../journeys/hub";
import { floor, traffic } from "./floor";
import { commandsFor, EVENTS_PER_SECOND, heap, HOMES, largeHome } from "./home";
import { median, summary } from "./numbers";
import { processorIndex, slowdownFor, TOO_SLOW } from "./processor";

const SECONDS = Number(process.env["EVENTS_FOR"] ?? 20);
const RUNS = 5;

/** A phone under way, as Lighthouse takes it, and one in the home's own Wi-Fi. */
const NETWORKS = [
  { name: "mobile network (1.6 Mbit/s, 150 ms)", latency: 150, throughput: (1.6 * 1024 * 1024) / 8 },
  { name: "Wi-Fi (20 Mbit/s, 10 ms)", latency: 10, throughput: (20 * 1024 * 1024) / 8 },
];

/** Notes when the first switch stood on the screen. The page does so itself: who asks it from outside makes it slower. */
function watchFirstView() {
  const seen = new MutationObserver(() => {
    if (!document.querySelector("[role=switch]")) return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => Object.assign(window, { usable: performance.now() })));
  });
  seen.observe(document, { childList: true, subtree: true });
}

/**
 * Notes for each event when it was made by the hub, and when the frame after it was on the screen. Hub and browser run on
 * this machine and read the same clock; the hub gives whole milliseconds.
 */
function watchEvents() {
  const noted: number[] = [];
  Object.assign(window, { noted });
  const Own = WebSocket;
  window.WebSocket = class extends Own {
    constructor(address: string | URL) {
      super(address);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.includes('"state_changed"')) return;
        const at = Date.parse(JSON.parse(data).event.at);
        // The first frame holds the change, the second begins when the first has been drawn: up to 17 ms late, never early.
        requestAnimationFrame(() => requestAnimationFrame(() => noted.push(Date.now() - at)));
      });
    }
  };
}

/** Taps switches one after the other: from the finger to the frame in which the command is to be seen. */
async function taps(page: Page, count = 20): Promise<number[]> {
  const switches = page.getByRole("switch");
  const times: number[] = [];
  for (let number = 0; number < count; number += 1) {
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

test("the app beside 248 devices", async ({ page, context }) => {
  const bare = await floor();
  const hub = await largeHome();
  try {
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable");
    await session.send("Network.enable");
    await page.goto(bare.address(0));
    const index = await processorIndex(page);
    const slowdown = Number(process.env["FACTOR"] ?? slowdownFor(index));
    const slow = `processor ${slowdown.toFixed(1)} times slower`;
    console.info(
      `this machine's index (the loop of Lighthouse's BenchmarkIndex): ${index}; a phone of the middle class: ${slow}`,
    );

    console.info(`the hub is ${/debug/.test(program) ? "a debug build" : "no debug build"}: ${program}`);
    if (index < TOO_SLOW) console.info("this machine is busy or slow: its numbers say little of a phone");

    const slowed = (rate: number) => session.send("Emulation.setCPUThrottlingRate", { rate });
    /** Of a page that does nothing the time from a click to the frame after the next. */
    const bareTaps = async () => {
      const times: number[] = [];
      for (let run = 0; run < 20; run += 1) {
        await page.goto(bare.address(0));
        times.push(...(await taps(page, 1)));
      }
      return times;
    };
    const floorOfTaps = await bareTaps();
    await slowed(slowdown);
    const slowFloorOfTaps = await bareTaps();
    await slowed(1);

    await page.addInitScript(watchFirstView);
    await page.addInitScript(watchEvents);
    await logIn(page, hub.address);
    await page.waitForSelector("article [role=switch]");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    // The first visit counts; the service worker's own part is measured beside it.
    const withWorker = (isUsed: boolean) => session.send("Network.setBypassServiceWorker", { bypass: !isUsed });
    const counted = traffic(session);
    for (const { name, latency, throughput } of NETWORKS) {
      const conditions = { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput / 2 };
      await session.send("Network.emulateNetworkConditions", conditions);
      await slowed(slowdown);
      const firstView = async (address: string) => {
        const times: number[] = [];
        let bytes = 0;
        for (let run = 0; run < RUNS; run += 1) {
          await page.goto("about:blank");
          counted.begin();
          await page.goto(address, { waitUntil: "commit" });
          const usable = await page.waitForFunction(() => (window as { usable?: number }).usable, null, {
            polling: 500,
          });
          times.push((await usable.jsonValue()) ?? NaN);
          bytes = Math.max(bytes, counted.bytes());
        }
        return { times, bytes };
      };
      await withWorker(false);
      const app = await firstView(hub.address);
      const empty = await firstView(bare.address(Math.ceil(app.bytes)));
      const ratio = median(app.times) / median(empty.times);
      console.info(
        `first view usable, ${name}, ${slow}: ${summary(app.times)}; floor (an empty page of the same ${(app.bytes / 1024).toFixed(0)} kB): ${summary(empty.times)}; ratio ${ratio.toFixed(1)}`,
      );
      await withWorker(true);
      const again = await firstView(hub.address);
      console.info(`the next visit, with the app's files kept in the browser: ${summary(again.times)}`);
    }
    const unlimited = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await session.send("Network.emulateNetworkConditions", unlimited);
    await page.goto(hub.address);
    // All of the home, also what is below the screen.
    await expect(page.locator("article")).toHaveCount(31 * HOMES);

    console.info(
      `tap to what is under way, ${slow}: ${summary(await taps(page))}; floor (a bare button): ${summary(slowFloorOfTaps)}`,
    );
    await slowed(1);
    console.info(
      `tap to what is under way, not slowed: ${summary(await taps(page))}; floor (a bare button): ${summary(floorOfTaps)}`,
    );

    const before = await heap(session);
    await page.evaluate(() => void ((window as unknown as { noted: number[] }).noted.length = 0));
    await commandsFor(hub, SECONDS);
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
    bare.end();
  }
});
