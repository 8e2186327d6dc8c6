import { violations } from "./axe";
import { expect, logIn, test, type Hub } from "./hub";

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

/** What the child asks for is allowed once; gives back for which part of the device. */
async function allowOnce(hub: Hub): Promise<unknown> {
  const asked = async () => (await hub.api<{ items: Asked[] }>("GET", "approvals")).items;
  const waiting = (one: Asked) => one.state === "waiting";
  await expect.poll(async () => (await asked()).some(waiting)).toBe(true);
  const one = (await asked()).find(waiting);
  await hub.api("POST", `approvals/${one?.id}/answer`, { answer: "allow_once" });
  return one?.endpoint;
}
interface Asked {
  id: string;
  state: string;
  endpoint: number;
}

test("what a child may not looks so, says why, and is asked for", async ({ hub, page }) => {
  test.setTimeout(180_000);
  await hub.api("PATCH", "home", { time_zone: "Etc/UTC" });
  await hub.api("POST", "home/clock", { time: new Date().toISOString() });
  const made = await hub.api<{ invitation: { code: string } }>("POST", "users", { username: "mia", role: "child" });
  const who = { username: "mia", password: "mia mia mia" };
  await fetch(`${hub.address}/api/v1/auth/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: made.invitation.code, password: who.password }),
  });
  // It sees everything, and has the lamps until an hour that is near, not brighter than half.
  const evening = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 120_000);
  const hour = (time: Date) => time.toISOString().slice(11, 16);
  await hub.api("PUT", "permissions/ready-made", { who: { role: "child" }, ready_made: false });
  await hub.api("POST", "permissions", { who: { role: "child" }, allow: ["see"] });
  await hub.api("POST", "permissions", { who: { role: "child" }, allow: ["control"], what: { parts: ["scenes"] } });
  await hub.api("POST", "permissions", {
    who: { role: "child" },
    allow: ["control"],
    what: { types: ["light"], capabilities: ["on", "brightness"] },
    when: { from: hour(new Date(evening.getTime() - 3_600_000)), to: hour(evening) },
    limits: { brightness: { max: 50 } },
  });
  const set = { on: true, brightness: 40 };
  await hub.api("POST", "scenes", { id: "bright", name: "Bright", states: [{ device: "home:hallway-lamp", set }] });
  await hub.api("POST", "devices/home:hallway-lamp/commands?wait=5s", { set: { brightness: 20 } });
  await logIn(page, hub.address, who);
  const lamp = page.getByRole("article", { name: "Hallway lamp" });
  const bright = page.getByRole("region", { name: "Scenes" });
  await expect(lamp.getByRole("switch")).toBeVisible();
  await expect(bright.getByRole("button", { name: "Bright", exact: true })).toBeVisible();

  // The mode of the home is told, and is no choice.
  await page.getByRole("button", { name: /^Mode: .*: Not allowed for you$/ }).click();
  const why = page.getByRole("dialog", { name: "Not allowed for you" });
  await expect(why).toContainText("No permission");
  await expect(why.getByRole("button", { name: "Ask an adult" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(why).toBeHidden();

  // Beyond a limit it is refused; what an adult allows is no refusal any more.
  await lamp.getByRole("slider").press("End");
  await expect(lamp.locator(".bad")).toBeVisible();
  await lamp.getByRole("button", { name: "Ask an adult" }).click();
  expect(await allowOnce(hub)).toBe(1);
  await expect(lamp).toContainText("anna allowed it");
  await expect(lamp.locator(".bad")).toHaveCount(0);
  await lamp.getByRole("button", { name: "Do it now" }).click();
  await expect(lamp).not.toContainText("anna allowed it");
  await expect(lamp.getByRole("slider")).toHaveAttribute("aria-valuetext", /100/);

  // The hour comes while one looks: a switch becomes a lock that says why.
  await hub.api("POST", "home/clock", { time: new Date(evening.getTime() - 3_000).toISOString() });
  const lock = lamp.getByRole("button", { name: /^Hallway lamp: .*: Ask for permission$/ });
  await expect(lock).toBeVisible({ timeout: 20_000 });
  await expect(lamp.getByRole("switch")).toHaveCount(0);
  await expect(bright.getByRole("button", { name: "Bright: Not allowed for you" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await lock.press("Enter");
  await expect(why).toContainText(`to ${hour(evening)}`);
  await expect(why.getByRole("radio", { name: "Off" })).toBeChecked();
  expect(await violations(page)).toEqual([]);
  await why.getByRole("button", { name: "Ask an adult" }).click();
  await expect(why).toContainText("Asked.");
  await page.keyboard.press("Escape");
  await expect(lock).toBeFocused();
  await allowOnce(hub);
  await expect(lamp).toContainText("anna allowed it");
  await lamp.getByRole("button", { name: "Do it now" }).click();
  await expect(lamp).toContainText("Done");
  await expect(lamp).not.toContainText("anna allowed it");
  // Once is once.
  await expect(lock).toBeVisible();

  // The device's page and that of scenes say it in the same way.
  await lamp.getByRole("link", { name: "Hallway lamp" }).click();
  const row = page.getByRole("group", { name: "On", exact: true });
  await expect(row.getByRole("button", { name: "On: Ask for permission" })).toBeVisible();
  await expect(page.getByRole("switch")).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await page.goto(`${hub.address}/scenes`);
  await page.getByRole("button", { name: "Bright: Not allowed for you" }).click();
  await expect(why).toContainText(`to ${hour(evening)}`);
  expect(await violations(page)).toEqual([]);
});

test("who is logged out in one place is asked who they are", async ({ home, hub, browser }) => {
  await hub.api("DELETE", "users/me/sessions").catch(() => {});
  await expect(home.getByRole("button", { name: "Log in" })).toBeVisible({ timeout: 30_000 });
  const other = await browser.newPage();
  await logIn(other, hub.address);
  await other.close();
});
