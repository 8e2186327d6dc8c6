import { expect, test } from "@playwright/test";
import { logIn } from "../journeys/hub";
import { commandsFor, EVENTS_PER_SECOND, heap, HOMES, largeHome } from "./home";

/** An hour; a few minutes show whether the test itself works. */
const MINUTES = Number(process.env["MINUTES"] ?? 60);
/** By then everything that the page keeps for a while is as full as it gets. */
const WARM_AFTER = Math.max(1, Math.floor(MINUTES / 6));
/** What the heap may differ by from then to the end: fifty changes a second that left a hundred bytes each were 15 MiB. */
const GROWTH_MOST = 1;
const NODES_MOST = 200;
/** In minutes; the page renews its session by itself. */
const RENEW_AFTER = 30;

test("an hour of events leaves nothing in the page's memory", async ({ page, context }) => {
  const hub = await largeHome();
  try {
    await logIn(page, hub.address);
    await expect(page.locator("article")).toHaveCount(31 * HOMES);
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable");
    let warm = await heap(session);
    let last = warm;
    for (let minute = 1; minute <= MINUTES; minute += 1) {
      if (minute % RENEW_AFTER === 0) await hub.logIn();
      await commandsFor(hub, 60);
      last = await heap(session);
      if (minute === WARM_AFTER) warm = last;
      console.info(`after ${minute} min: ${last.megabytes.toFixed(2)} MiB, ${last.nodes} nodes`);
    }
    await expect(page.locator("[data-connection=live]")).toBeVisible();
    const grown = last.megabytes - warm.megabytes;
    console.info(
      `${EVENTS_PER_SECOND} commands a second, minute ${WARM_AFTER} to ${MINUTES}: ${grown.toFixed(2)} MiB and ${last.nodes - warm.nodes} nodes more`,
    );
    expect(grown).toBeLessThan(GROWTH_MOST);
    expect(last.nodes - warm.nodes).toBeLessThan(NODES_MOST);
  } finally {
    await hub.end();
  }
});
