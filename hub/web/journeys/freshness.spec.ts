/** Nothing old or of somebody else is ever to be seen: after an update, after a log-out elsewhere, with another role. */
import type { Page } from "@playwright/test";
import { expect, logIn, OWNER, test } from "./hub";

// What the page itself asks of the hub is changed on its way here.
test.use({ serviceWorkers: "block" });

/** Counts how often a page has begun anew. */
function begins(page: Page): () => number {
  let count = 0;
  page.on("load", () => (count += 1));
  return () => count;
}

/** The hub has another build of the app from now on. */
async function update(page: Page, address: string): Promise<void> {
  await page.route(`${address}/`, async (route) => {
    if (route.request().resourceType() !== "fetch") return route.continue();
    const answer = await route.fetch();
    await route.fulfill({
      response: answer,
      body: (await answer.text()).replace("/assets/first-", "/assets/first-new-"),
    });
  });
}

/** A hub that was updated has been started anew. */
async function restart(hub: { stop(): Promise<void>; start(): Promise<void> }): Promise<void> {
  await hub.stop();
  await hub.start();
}

test("an open page is that of an updated hub", async ({ home, hub }) => {
  const count = begins(home);
  await update(home, hub.address);
  await restart(hub);
  await expect.poll(count, { timeout: 30_000 }).toBe(1);
  await expect(home.locator("[data-connection=live]")).toBeVisible();
  // Whatever stands between the page and its hub: it does not begin anew without end, but says so.
  await expect(home.getByText("Hearth was updated.")).toBeVisible();
  expect(count()).toBe(1);
});

test("what is being written outlives an update of the hub", async ({ home, hub }) => {
  await home.goto(`${hub.address}/account`);
  const count = begins(home);
  await home.getByLabel("What you are called").fill("Anna B.");
  await update(home, hub.address);
  await restart(hub);
  await expect(home.getByText("Hearth was updated.")).toBeVisible({ timeout: 30_000 });
  await expect(home.getByLabel("What you are called")).toHaveValue("Anna B.");
  expect(count()).toBe(0);
  await home.getByRole("button", { name: "Load it" }).click();
  await expect.poll(count).toBe(1);
});

test("a page of another hub at the same address is left", async ({ home, hub }) => {
  await home.goto(`${hub.address}/settings`);
  await home.route("**/api/v1/status", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), hub_id: "another" } });
  });
  await restart(hub);
  await expect(home).toHaveURL(`${hub.address}/`, { timeout: 30_000 });
});

test("who logs out in one tab is out in the other", async ({ home, hub }) => {
  await home.goto(`${hub.address}/devices/${encodeURIComponent("home:front-door-lock")}`);
  const other = await home.context().newPage();
  await other.goto(`${hub.address}/settings`);
  await other.getByRole("button", { name: "Log out" }).click();
  await expect(home.getByRole("button", { name: "Log in" })).toBeVisible({ timeout: 30_000 });
  await expect(home.getByText("Front door lock")).toHaveCount(0);
});

test("who became a child while the phone slept sees what children see", async ({ hub, page }) => {
  const { id, invitation } = await hub.api<{ id: string; invitation: { code: string } }>("POST", "users", {
    username: "mia",
    role: "adult",
  });
  // The link of an invitation; its code does not stay in the address.
  await page.goto(`${hub.address}/#code=${invitation.code}`);
  await expect(page.getByLabel("Code", { exact: true })).toHaveValue(invitation.code);
  expect(page.url()).toBe(`${hub.address}/`);
  await page.getByLabel("New password").fill("mia mia mia");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("article", { name: "Front door lock" })).toBeVisible();
  // Asleep, it hears nothing; woken up, it asks who it is before it shows anything.
  await page.context().setOffline(true);
  await hub.api("PATCH", `users/${id}`, { role: "child" });
  await page.context().setOffline(false);
  await expect(page.getByRole("article", { name: "Front door lock" })).toHaveCount(0);
  await expect(page.getByRole("article", { name: "Hallway lamp" })).toBeVisible();
});

test("a slip in a code is told as one, and the right code lets in", async ({ hub, page }) => {
  const { invitation } = await hub.api<{ invitation: { code: string } }>("POST", "users", {
    username: "mia",
    role: "child",
  });
  const slip = invitation.code.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  await page.goto(hub.address);
  await page.getByRole("button", { name: "I have a code" }).click();
  await page.getByLabel("Code", { exact: true }).fill(slip);
  await page.getByLabel("New password").fill("mia mia mia");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("There is no such code.");
  await page.getByLabel("Code", { exact: true }).fill(invitation.code);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("article", { name: "Hallway lamp" })).toBeVisible();
});

test("with another's eyes an owner never sees their own home", async ({ home, hub }) => {
  const { id } = await hub.api<{ id: string }>("POST", "users", { username: "mia", role: "child" });
  await home.goto(`${hub.address}/people/${id}`);
  await home.getByRole("button", { name: "See the home as mia" }).click();
  await expect(home.getByRole("article", { name: "Hallway lamp" })).toBeVisible();
  await expect(home.getByRole("article", { name: "Front door lock" })).toHaveCount(0);
  await home.route("**/api/v1/devices?*", (route) => route.abort());
  await home.reload();
  await expect(home.getByRole("heading", { name: "The hub does not answer" })).toBeVisible();
  await expect(home.getByRole("article")).toHaveCount(0);
  await home.unroute("**/api/v1/devices?*");
  await expect(home.getByRole("article", { name: "Hallway lamp" })).toBeVisible({ timeout: 30_000 });
});

test("a favourite that is made in one tab stands in the other", async ({ home, hub }) => {
  await home.goto(hub.address);
  await expect(home.getByRole("article", { name: "Hallway lamp" })).toHaveCount(1);
  const other = await home.context().newPage();
  await other.goto(`${hub.address}/devices/${encodeURIComponent("home:hallway-lamp")}`);
  await other.getByRole("button", { name: "Favourite" }).click();
  await expect(home.getByRole("article", { name: "Hallway lamp" })).toHaveCount(2);
});

test("two devices of a person do not overwrite each other's favourites", async ({ home, hub, browser }) => {
  const other = await browser.newPage();
  await logIn(other, hub.address, OWNER);
  const open = (page: Page, id: string) => page.goto(`${hub.address}/devices/${encodeURIComponent(id)}`);
  await open(home, "home:front-door-lock");
  await open(other, "home:hallway-lamp");
  for (const page of [home, other]) {
    const star = page.getByRole("button", { name: /favourite/i });
    const kept = page.waitForResponse((answer) => answer.request().method() === "PATCH");
    await star.click();
    await kept;
  }
  const { web } = await hub.api<{ web: { favourites: string[] } }>("GET", "users/me/preferences");
  expect(web.favourites).toEqual(["home:front-door-lock", "home:hallway-lamp"]);
  await other.close();
});
