import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { addresses } from "./addresses";
import { expect, Hub, logIn, test } from "./hub";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Everything that axe has against the page as it is, in the rules of WCAG 2.2 AA and the best practices. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Found[] }> } };
    interface Found {
      id: string;
      help: string;
      nodes: { target: unknown[]; failureSummary: string }[];
    }
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
    );
  });
}

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
