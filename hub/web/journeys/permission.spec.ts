import type { Page } from "@playwright/test";
import { expect, logIn, test, type Hub } from "./hub";

/** A child with an account, in a browser of its own. */
async function child(hub: Hub, page: Page): Promise<string> {
  const { id, invitation } = await hub.api<{ id: string; invitation: { code: string } }>("POST", "users", {
    username: "mia",
    role: "child",
  });
  const password = "mia mia mia";
  await fetch(`${hub.address}/api/v1/auth/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: invitation.code, password }),
  });
  await logIn(page, hub.address, { username: "mia", password });
  return id;
}

/** `07:30` so many hours from now, by the home's clock. */
const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);

test("an owner allows a child something, sees it with its eyes, and is asked", async ({ hub, page, browser }) => {
  test.setTimeout(240_000);
  await hub.api("PATCH", "home", { time_zone: "Etc/UTC" });
  // A machine without a time server knows no hours, and allows nothing that depends on them.
  await hub.api("POST", "home/clock", { time: new Date().toISOString() });
  const id = await child(hub, page);
  const lock = page.getByRole("article", { name: "Front door lock" });
  await expect(page.getByRole("article").first()).toBeVisible();
  await expect(lock).toHaveCount(0);

  // The owner at a desk: the matrix, one field of it, a rule for that.
  const owner = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await logIn(owner, hub.address);
  await owner.goto(`${hub.address}/permissions`);
  const cell = owner.getByRole("button", { name: /^mia, locks:/ });
  await expect(cell).toHaveAccessibleName(/May not/);
  await cell.click();
  await owner.getByRole("button", { name: "Add a permission for this" }).click();
  const rule = owner.getByRole("dialog", { name: "Add a permission" });
  await rule.locator("summary", { hasText: "Single devices" }).click();
  await rule.getByLabel("Front door lock").check();
  await rule.locator("summary", { hasText: "Only at certain times" }).click();
  await rule.getByLabel("From", { exact: true }).fill(clock(-1));
  await rule.getByLabel("To", { exact: true }).fill(clock(2));
  await rule.getByLabel("An adult must allow it each time").check();
  await rule.getByRole("button", { name: "Save" }).click();
  await expect(rule).toBeHidden();
  await expect(cell).toHaveAccessibleName(/Asks an adult/);
  await page.reload();
  await expect(lock).toBeVisible();

  // With the child's eyes: the same, and nothing can be done.
  await owner.goto(`${hub.address}/people/${id}`);
  await owner.getByRole("button", { name: "See the home as mia" }).click();
  await expect(owner.getByText("You see the home as mia.")).toBeVisible();
  const names = (of: Page) =>
    of.getByRole("article").evaluateAll((tiles) => tiles.map((tile) => tile.querySelector("h3")?.textContent));
  await expect(owner.getByRole("article", { name: "Front door lock" })).toBeVisible();
  expect(await names(owner)).toEqual(await names(page));
  await owner.getByRole("button", { name: "Stop" }).click();
  await expect(owner.getByText("You see the home as mia.")).toBeHidden();

  // The child asks; the owner is told and allows it once.
  await lock.getByRole("button", { name: /Ask for permission$/ }).click();
  const why = page.getByRole("dialog", { name: "Not allowed for you" });
  await expect(why.getByRole("radio", { name: "Unlocked" })).toBeChecked();
  await why.getByRole("button", { name: "Ask an adult" }).click();
  await expect(lock.getByText("Unlocked · Asked. You see here what they say.")).toBeVisible();
  await page.keyboard.press("Escape");
  // It stands on the page of the home; the adult answers in the message.
  await owner.getByRole("link", { name: /^Home/ }).first().click();
  await expect(owner.getByRole("region", { name: "Somebody asks" })).toContainText(
    "mia would like to unlock Front door lock",
  );
  await owner
    .getByRole("link", { name: /^Messages/ })
    .first()
    .click();
  const question = owner.getByRole("article").filter({ hasText: "mia would like to unlock Front door lock" });
  await expect(owner.getByRole("region", { name: "Somebody asks" })).toHaveCount(0);
  await owner.getByRole("region", { name: "New" }).getByRole("button", { name: "Allow once" }).click();
  await expect(owner.getByRole("region", { name: "Earlier" }).getByRole("article")).toContainText(
    "You allowed it once.",
  );
  await expect(question.getByRole("button")).toHaveCount(0);
  await page
    .getByRole("link", { name: /^Messages/ })
    .first()
    .click();
  await expect(page.getByRole("article").filter({ hasText: "You asked to unlock Front door lock." })).toContainText(
    "allowed it once.",
  );
  await page.getByRole("region", { name: "You asked" }).getByRole("button", { name: "Do it now" }).click();
  await expect.poll(() => locked(hub), { timeout: 30_000 }).toBe(false);

  // Without the rule it is as before.
  await owner.goto(`${hub.address}/permissions`);
  await owner.getByRole("button", { name: /^Remove the permission for/ }).click();
  await owner.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(cell).toHaveAccessibleName(/May not/);
  await page.reload();
  await expect(page.getByRole("article").first()).toBeVisible();
  await expect(lock).toHaveCount(0);
  await owner.close();
});

async function locked(hub: Hub): Promise<unknown> {
  const { endpoints } = await hub.api<{ endpoints: { attributes: { name: string; state: { value: unknown } }[] }[] }>(
    "GET",
    "devices/home:front-door-lock",
  );
  return endpoints.flatMap(({ attributes }) => attributes).find(({ name }) => name === "locked")?.state.value;
}
