import type { Page } from "@playwright/test";
import { addresses } from "./addresses";
import { expect, Hub, logIn, OWNER, test } from "./hub";

/** The form that is there already, filled in. */
async function enter(page: Page) {
  await page.getByLabel("Your name").fill(OWNER.username);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.locator("[data-connection=live]")).toBeVisible();
}

test("a page opened by its address asks who one is, and is there then", async ({ page }) => {
  test.setTimeout(300_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    const all = await addresses(hub);
    // What stands behind the question mark is part of it.
    const further = [`${all["rule"]}?view=runs`, "/rules?device=demo%3Akitchen-ceiling", "/log?of=anything"];
    const heading = page.locator("main h1");
    for (const path of [...Object.values(all), ...further]) {
      // An open page would notice that it is logged out, and begin anew by itself.
      await page.goto("about:blank");
      await page.context().clearCookies();
      await page.goto(hub.address + path);
      await expect(heading, path).toHaveText("Our home");
      await enter(page);
      await expect(heading, path).not.toHaveText(/^(|Our home|There is no such page|.*not (there|in the home).*)$/);
      expect(page.url().slice(hub.address.length), path).toBe(path);
    }
  } finally {
    await hub.end();
  }
});

test("back and forward go where one was", async ({ page }) => {
  test.setTimeout(240_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    await logIn(page, hub.address);
    const heading = page.locator("main h1");
    const at = (path: string) => expect(page).toHaveURL(hub.address + path);
    // The last of many tiles, far down on a phone.
    const tile = page.getByRole("article").last();
    // All tiles are there.
    await expect(page.locator("[data-place]")).toHaveCount(0);
    const link = tile.getByRole("link").first();
    const name = ((await link.textContent()) ?? "").trim();
    await link.click();
    await expect(heading).toHaveText(name);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    const device = page.url().slice(hub.address.length);
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await at("/rules");
    await expect(heading).toHaveText("Rules");
    const rule = page.locator("main a[href^='/rules/']:not([href='/rules/new'])").first();
    await rule.click();
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await expect(page).toHaveURL(/view=runs$/);
    const runs = page.url().slice(hub.address.length);
    await page.goBack();
    await at(runs.replace("?view=runs", ""));
    await page.goBack();
    await at("/rules");
    await expect(heading).toHaveText("Rules");
    await page.goBack();
    await at(device);
    await expect(heading).toHaveText(name);
    await page.goBack();
    await at("/");
    // Where one was looking, not at the top again.
    await expect(link).toBeInViewport();
    for (const path of [device, "/rules", runs.replace("?view=runs", ""), runs]) {
      await page.goForward();
      await at(path);
    }
    await expect(page.getByRole("link", { name: "Runs", exact: true })).toHaveAttribute("aria-current", "page");
    // A page loaded anew in the middle of it is the same page, and the way back is there yet.
    await page.reload();
    await at(runs);
    await expect(page.getByRole("link", { name: "Runs", exact: true })).toHaveAttribute("aria-current", "page");
    await page.goBack();
    await page.goBack();
    await at("/rules");
    await expect(heading).toHaveText("Rules");
  } finally {
    await hub.end();
  }
});

test("what is half done is not lost by going back", async ({ page }) => {
  test.setTimeout(240_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    await logIn(page, hub.address);
    await page.goto(`${hub.address}/rules`);
    await page.getByRole("link", { name: "New rule" }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Half done");
    await page.goBack();
    const question = page.getByRole("dialog", { name: "Leave without saving?" });
    await expect(question).toBeVisible();
    await question.getByRole("button", { name: "Stay here" }).click();
    await expect(page).toHaveURL(/\/rules\/new$/);
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Half done");
    await page.goBack();
    await question.getByRole("button", { name: "Leave, without the changes" }).click();
    await expect(page).toHaveURL(/\/rules$/);
    // The way back leads out, not into what was given up.
    await expect(page.locator("main h1")).toHaveText("Rules");
  } finally {
    await hub.end();
  }
});

test("back closes what lies over the page, and leaves no entry of it", async ({ page }) => {
  test.setTimeout(240_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    await logIn(page, hub.address);
    const at = (path: string) => expect(page).toHaveURL(hub.address + path);
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await at("/rules");
    const device = "/devices/demo%3Akitchen-ceiling";
    await page.evaluate((path) => {
      const link = Object.assign(document.createElement("a"), { href: path });
      document.querySelector("main")?.append(link);
      link.click();
    }, device);
    await at(device);
    const entries = () => page.evaluate(() => history.length);
    const before = await entries();
    const edit = page.getByRole("button", { name: "Edit", exact: true });
    const dialog = page.getByRole("dialog");
    await edit.click();
    await expect(dialog).toBeVisible();
    await page.goBack();
    await expect(dialog).toBeHidden();
    await at(device);
    // However often it is opened and closed, by whatever means, there is one way back.
    for (const close of ["button", "Escape", "button"]) {
      await edit.click();
      await expect(dialog).toBeVisible();
      if (close === "button") await dialog.getByRole("button", { name: "Close" }).click();
      else await page.keyboard.press(close);
      await expect(dialog).toBeHidden();
    }
    // Forward leads to nothing that is closed.
    await page.goForward();
    await at(device);
    await expect(dialog).toBeHidden();
    expect(await entries()).toBe(before + 1);
    // A page that is loaded anew below an open dialog has none, and the way back is one still.
    await edit.click();
    await expect(dialog).toBeVisible();
    await page.reload();
    await expect(page.locator("main h1")).toHaveText("Kitchen ceiling light");
    await expect(dialog).toBeHidden();
    await expect.poll(() => page.evaluate(() => (history.state as { covers?: number }).covers ?? 0)).toBe(0);
    await page.goBack();
    await at("/rules");
  } finally {
    await hub.end();
  }
});
