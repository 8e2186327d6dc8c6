import { test } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Hub, logIn } from "../journeys/hub";
import { addresses } from "../journeys/addresses";

const folder = process.env["SHOTS"] ?? "../../target/screenshots";

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } };

test("every page, on a phone and a desk, light and dark", async ({ browser }) => {
  mkdirSync(folder, { recursive: true });
  const hub = await Hub.demo();
  try {
    const shoot = async (path: string, name: string, claimed: boolean) => {
      for (const [size, viewport] of Object.entries(sizes)) {
        for (const colorScheme of ["light", "dark"] as const) {
          const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce", locale: "en-GB" });
          if (claimed) await logIn(page, hub.address);
          await page.goto(hub.address + path);
          await page.locator("main h1").waitFor();
          await page.waitForLoadState("networkidle");
          await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
          await page.close();
        }
      }
    };
    await shoot("/", "setup", false);
    await hub.claim();
    await shoot("/", "home", true);
    for (const [name, path] of Object.entries(await addresses(hub))) await shoot(path, name, true);
  } finally {
    await hub.end();
  }
});
