import { addresses } from "./addresses";
import { violations } from "./axe";
import { expect, Hub, logIn, test } from "./hub";

test("nothing hinders on any page, light or dark", async ({ page }) => {
  test.setTimeout(300_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    await logIn(page, hub.address);
    for (const path of ["/", ...Object.values(await addresses(hub))]) {
      await page.goto(hub.address + path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("[data-connection=live]")).toBeVisible();
      // What a page asks the hub for is there.
      await page.waitForLoadState("networkidle");
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        expect.soft(await violations(page), `${path}, ${colorScheme}`).toEqual([]);
      }
    }
  } finally {
    await hub.end();
  }
});
