import { expect, logIn, test } from "./hub";

test("a child sees and does its share only", async ({ hub, page }) => {
  // A machine without a time server knows no hours, and allows nothing that depends on them.
  await hub.api("POST", "home/clock", { time: new Date().toISOString() });
  const invited = await hub.api<{ invitation: { code: string } }>("POST", "users", { username: "mia", role: "child" });
  await page.goto(hub.address);
  await page.getByRole("button", { name: "I have a code" }).click();
  await page.getByLabel("Code", { exact: true }).fill(invited.invitation.code);
  await page.getByLabel("New password").fill("mia mia mia");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.locator("[data-connection=live]")).toBeVisible();
  // What is protected is not there at all.
  await expect(page.getByRole("article", { name: "Hallway lamp" })).toBeVisible();
  await expect(page.getByRole("article", { name: "Front door lock" })).toHaveCount(0);
  // An address that somebody told it shows nothing either.
  await page.goto(`${hub.address}/devices/${encodeURIComponent("home:front-door-lock")}`);
  await expect(page.getByText("Front door lock")).toHaveCount(0);
  // And it may do what it may.
  await page.goto(hub.address);
  const lamp = page.getByRole("article", { name: "Anna's lamp" }).getByRole("switch");
  const before = await lamp.getAttribute("aria-checked");
  await lamp.click();
  await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
  await expect(lamp).toHaveAttribute("aria-busy", "false");

  // What it is lent for some seconds comes and goes in the open app, and nobody touches anything for it.
  const lock = page.getByRole("article", { name: "Front door lock" });
  await hub.api("POST", "permissions", {
    who: { role: "child" },
    allow: ["see"],
    what: { types: ["lock"] },
    until: new Date(Date.now() + 8000).toISOString(),
  });
  await expect(lock).toBeVisible();
  await expect(lock).toHaveCount(0, { timeout: 20_000 });

  // What it may not read has no way in the menu any more, and says so to who has the address.
  const menu = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Rules", "Energy"]) await expect(menu.getByRole("link", { name })).toBeVisible();
  await hub.api("PUT", "permissions/ready-made", { who: { role: "child" }, ready_made: false });
  await hub.api("POST", "permissions", { who: { role: "child" }, allow: ["see"], what: { types: ["light"] } });
  for (const name of ["Rules", "Energy"]) await expect(menu.getByRole("link", { name })).toHaveCount(0);
  for (const path of ["/rules", "/rules/new", "/energy", "/system"]) {
    await page.goto(hub.address + path);
    await expect(page.locator("main h1")).toHaveText("You may not see this page");
  }
  await page.getByRole("link", { name: "To the home" }).click();
  await expect(page.getByRole("article", { name: "Hallway lamp" })).toBeVisible();
});

test("who is logged out in one place is asked who they are", async ({ home, hub, browser }) => {
  await hub.api("DELETE", "users/me/sessions").catch(() => {});
  await expect(home.getByRole("button", { name: "Log in" })).toBeVisible({ timeout: 30_000 });
  const other = await browser.newPage();
  await logIn(other, hub.address);
  await other.close();
});
