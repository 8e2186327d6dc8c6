import type { Locator, Page } from "@playwright/test";
import { expect, Hub, logIn, test } from "./hub";

const said = (page: Page) => page.locator(".shell > [role=status]");
const stateOf = (tile: Locator) => tile.locator(".state");
/** What became of what one did; behind it stands how the device is. */
const outcomeOf = (tile: Locator) => tile.locator(".state > :first-child");

test.describe("what a person does", () => {
  let hub: Hub;
  test.beforeAll(async () => {
    hub = await Hub.demo();
    await hub.claim();
  });
  test.afterAll(() => hub.end());

  test("a tap is under way at once, then done, then nothing more is said", async ({ page }) => {
    await logIn(page, hub.address);
    const tile = page.getByRole("article", { name: "Hallway lamp" }).first();
    const lamp = tile.getByRole("switch");
    const before = await lamp.getAttribute("aria-checked");
    await lamp.focus();
    await page.keyboard.press("Space");
    await expect(lamp).toHaveAttribute("aria-checked", before === "true" ? "false" : "true");
    await expect(outcomeOf(tile)).toHaveText("Done.");
    await expect(said(page)).toContainText(/Hallway lamp, (On|Off)\. Done/);
    await expect(lamp).toBeFocused();
    await expect(outcomeOf(tile)).toBeEmpty({ timeout: 8_000 });
  });

  test("what is under way is so after a reload, and its page says what became of it and of what was before", async ({
    page,
  }) => {
    await logIn(page, hub.address);
    const lamp = "/devices/demo%3Aliving-room-lamp";
    await hub.api("POST", `${lamp.slice(1)}/commands?wait=5s`, { set: { brightness: 10 } });
    await hub.api("POST", `${lamp.slice(1)}/commands`, { set: { brightness: 90 }, transition_ms: 12_000 });
    await page.reload();
    const tile = page.getByRole("article", { name: "Living room lamp" }).first();
    // That the lamp has taken it may be heard before the page is left, or after.
    const underWay = /Sent …|Taken\./;
    await expect(outcomeOf(tile)).toHaveText(underWay);
    await page.goto(`${hub.address}${lamp}`);
    await expect(page.getByRole("group", { name: "Brightness" })).toContainText(underWay);
    const last = page.getByRole("region", { name: "Last commands" }).getByRole("listitem");
    await expect(last.nth(0)).toContainText(/Brightness: 90.*Taken. by anna/);
    await expect(last.nth(1)).toContainText(/Brightness: 10.*Done. by anna/);
    await expect(last.nth(0)).toContainText("Done.", { timeout: 30_000 });
  });

  test("a refusal that comes late does not speak for a newer wish", async ({ page }) => {
    await logIn(page, hub.address);
    let answerFirst = () => {};
    let isFirst = true;
    await page.route("**/commands", async (route) => {
      if (!isFirst) return route.continue();
      isFirst = false;
      await new Promise<void>((resolve) => (answerFirst = resolve));
      await route.abort();
    });
    const tile = page.getByRole("article", { name: "Living room lamp" }).first();
    const lamp = tile.getByRole("switch");
    await lamp.click();
    await lamp.click();
    await expect(outcomeOf(tile)).toHaveText("Done.");
    answerFirst();
    await page.waitForTimeout(500);
    await expect(stateOf(tile)).not.toContainText("does not answer");
  });

  test("what merely changes is not read out", async ({ page }) => {
    await logIn(page, hub.address);
    await expect(page.locator("article [role=status], article output, article [aria-live]")).toHaveCount(0);
    await page.goto(`${hub.address}/devices/${encodeURIComponent("demo:television-plug")}`);
    await expect(page.getByRole("heading", { name: "Television" })).toBeVisible();
    await expect(page.locator(".attribute [role=status], .attribute output, .attribute [aria-live]")).toHaveCount(0);
  });

  test("a lock keeps the focus through its question", async ({ page }) => {
    await logIn(page, hub.address);
    const lock = page.getByRole("article", { name: "Front door lock" }).getByRole("button");
    if ((await lock.getAttribute("aria-label"))?.endsWith(": Lock")) await lock.click();
    await expect(lock).toHaveAccessibleName(/Unlock$/, { timeout: 30_000 });
    await lock.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Unlock" }).focus();
    await page.keyboard.press("Enter");
    await expect(lock).toBeFocused();
    await expect(lock).toHaveAccessibleName(/: Lock$/, { timeout: 30_000 });
    await expect(lock).toBeFocused();
  });

  test("a child asks on the page of a device, an adult allows it, the child does it", async ({ page, browser }) => {
    await hub.api("POST", "permissions", {
      who: { role: "child" },
      allow: ["see", "control"],
      what: { devices: ["demo:television-plug"] },
      approval: true,
    });
    const { invitation } = await hub.api<{ invitation: { code: string } }>("POST", "users", {
      username: "mia",
      role: "child",
    });
    const mia = { username: "mia", password: "mia mia mia" };
    await fetch(`${hub.address}/api/v1/auth/accept`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: invitation.code, password: mia.password }),
    });
    const other = await browser.newContext();
    const child = await other.newPage();
    await logIn(child, hub.address, mia);
    await child.goto(`${hub.address}/devices/${encodeURIComponent("demo:television-plug")}`);
    const television = child.getByRole("group", { name: "On", exact: true });
    await television.getByRole("button", { name: "On: Ask for permission" }).press("Enter");
    const why = child.getByRole("dialog", { name: "Not allowed for you" });
    await why.getByRole("button", { name: "Ask an adult" }).press("Enter");
    await expect(why.getByText("Asked. You see here").first()).toBeFocused();
    await child.keyboard.press("Escape");

    await logIn(page, hub.address);
    await page.goto(`${hub.address}/messages`);
    await page.getByRole("button", { name: "Allow once" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Allow once" })).toHaveCount(0);
    await expect(page.locator("body")).not.toBeFocused();
    // The message says what became of it, and wants nothing more.
    const message = page.getByRole("article").filter({ hasText: "mia would like to switch" });
    await expect(message).toContainText("You allowed it once.");
    await expect(message.getByRole("button")).toHaveCount(0);

    await television.getByRole("button", { name: "Do it now" }).click();
    await expect(television).toContainText("Done");
    await other.close();
  });

  test("a rule that was switched off and one that was deleted come back", async ({ page }) => {
    await logIn(page, hub.address);
    await page.goto(`${hub.address}/rules`);
    const card = page.getByRole("article").first();
    const name = await card.getByRole("heading").innerText();
    await card.getByRole("switch").click();
    await expect(card.getByRole("switch")).toHaveAttribute("aria-checked", "false");
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await expect(card.getByRole("switch")).toHaveAttribute("aria-checked", "true");
    await card.getByRole("link", { name }).click();
    // The stream says that it is gone before the answer comes, as happens by itself now and then.
    await page.route("**/automations/*", async (route) => {
      if (route.request().method() !== "DELETE") return route.continue();
      const answer = await route.fetch();
      await page.getByText("There is no such rule (any more).").waitFor();
      await route.fulfill({ response: answer });
    });
    await page.getByRole("button", { name: /^Remove/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Remove/ })
      .click();
    await expect(page.getByRole("heading", { name: "Rules", level: 1 })).toBeVisible();
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  });

  test("a network that is open for new devices is so after a reload, and until the hub has closed it", async ({
    page,
  }) => {
    await logIn(page, hub.address);
    await page.goto(`${hub.address}/pair`);
    await page.getByRole("button", { name: "Search for devices" }).click();
    const stop = page.getByRole("button", { name: "Stop", exact: true });
    await expect(stop).toBeVisible();
    await page.reload();
    await page.route("**/pairing/*", (route) => route.abort());
    await stop.click();
    await expect(page.getByRole("alert")).toContainText("does not answer");
    await expect(stop).toBeVisible();
    await page.unroute("**/pairing/*");
    await stop.click();
    await expect(stop).toHaveCount(0);
  });
});
