import { expect, Hub, logIn, OWNER } from "./hub";
import { test } from "@playwright/test";
import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a browser is told so that it trusts the hub's own authority: the hash of its public key. */
function pin(hub: Hub): string {
  const authority = new X509Certificate(readFileSync(join(hub.folder, "data/tls/authority.pem")));
  return createHash("sha256")
    .update(authority.publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

test("by https it is an app: installable, and its shell is there without the hub", async ({ playwright }) => {
  const hub = await Hub.begin();
  await hub.claim();
  const { launchOptions } = test.info().project.use;
  const browser = await playwright.chromium.launchPersistentContext(join(hub.folder, "profile"), {
    ...launchOptions,
    args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${pin(hub)}`],
    locale: "en-GB",
    viewport: { width: 390, height: 844 },
  });
  try {
    const page = await browser.newPage();
    await logIn(page, hub.encrypted, OWNER);
    expect(await page.evaluate(() => window.isSecureContext)).toBe(true);
    await page.waitForFunction(() =>
      navigator.serviceWorker.ready.then((worker) => worker.active?.state === "activated"),
    );
    const manifest = await page.evaluate(() => fetch("/manifest.webmanifest").then((answer) => answer.json()));
    expect(manifest.display).toBe("standalone");
    for (const { src, type } of manifest.icons) {
      const icon = await page.request.get(new URL(src, hub.encrypted).href, { ignoreHTTPSErrors: true });
      expect([icon.status(), icon.headers()["content-type"]], src).toEqual([200, type]);
    }
    // Once more under the worker, which keeps what was loaded.
    await page.reload();
    await expect(page.locator("[data-connection=live]")).toBeVisible();
    await hub.stop();
    await page.reload();
    await expect(page.getByRole("heading", { name: "The hub does not answer" })).toBeVisible();
    // No state of the home is kept: an old one would mislead.
    const kept = await page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return all.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain("/");
    expect(kept.filter((path) => path.includes("/api/"))).toEqual([]);
    await hub.start();
    await expect(page.getByRole("article").first()).toBeVisible({ timeout: 30_000 });
  } finally {
    await browser.close();
    await hub.end();
  }
});
