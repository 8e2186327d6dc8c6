import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { addresses } from "./addresses";
import { expect, test } from "./hub";

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

for (const colorScheme of ["light", "dark"] as const) {
  test(`nothing hinders on any page, ${colorScheme}`, async ({ home, hub }) => {
    await home.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    test.setTimeout(300_000);
    for (const path of ["/", ...Object.values(await addresses(hub))]) {
      await home.goto(hub.address + path);
      await expect(home.locator("main h1")).toBeVisible();
      await expect(home.locator("[data-connection=live]")).toBeVisible();
      // What a page asks the hub for is there.
      await home.waitForLoadState("networkidle");
      expect.soft(await violations(home), path).toEqual([]);
    }
  });
}
