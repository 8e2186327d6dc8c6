import { expect, test } from "@playwright/test";
import { Hub, logIn } from "./hub";

const HOMES = [0, 1, 2, 3];
const DEVICES = 31 * HOMES.length;

test("a home of many devices is whole, in order, and nothing moves while it fills", async ({ page }) => {
  const hub = await Hub.begin(
    HOMES.map((number) => `[[driver]]\nid = "home${number}"\ntype = "virtual"\nseed = ${number}\n`).join(""),
  );
  try {
    await hub.claim();
    await page.addInitScript(() => {
      const moved: number[] = [];
      Object.assign(window, { moved });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) moved.push((entry as unknown as { value: number }).value);
      }).observe({ type: "layout-shift", buffered: true });
    });
    await logIn(page, hub.address);
    await page.reload();
    await expect(page.locator("article")).toHaveCount(DEVICES);
    // What stood there before it was filled is gone.
    await expect(page.locator("[data-place]")).toHaveCount(0);
    // What one operates before what only tells, each by name.
    const operable = await page.locator("article:not(.tells) h3").allTextContents();
    const telling = await page.locator("article.tells h3").allTextContents();
    const order = new Intl.Collator("en-GB", { numeric: true });
    expect(telling.length).toBeGreaterThan(0);
    expect(await page.locator("article h3").allTextContents()).toEqual([
      ...operable.toSorted(order.compare),
      ...telling.toSorted(order.compare),
    ]);
    expect(await page.evaluate(() => (window as unknown as { moved: number[] }).moved)).toEqual([]);
  } finally {
    await hub.end();
  }
});
