import { expect, test } from "./hub";

test("a light says why it is on, from the rule back to the sensor; and a rule why it did not act", async ({
  home: page,
  hub,
}) => {
  test.setTimeout(180_000);
  const rule = {
    name: "Hall by the door",
    triggers: [{ state: { device: "home:front-door-lock", attribute: "locked", to: false } }],
    conditions: [{ state: { device: "home:television-plug", attribute: "on", is: true } }],
    actions: [{ command: { device: "home:hallway-lamp", set: { on: true } } }],
  };
  await hub.api("POST", "automations", rule);
  const set = (device: string, values: object) =>
    hub.api("POST", `devices/home:${device}/commands?wait=30s`, { set: values });
  await set("television-plug", { on: true });
  await set("front-door-lock", { locked: false });
  await page.goto(`${hub.address}/devices/home%3Ahallway-lamp`);
  const on = page.getByRole("group", { name: "On", exact: true });
  await expect(on.getByRole("switch")).toHaveAttribute("aria-checked", "true");
  await on.getByRole("button", { name: "Why? On" }).click();
  const why = page.getByRole("dialog", { name: /^Why is it so\?/ });
  await expect(why).toContainText("Hallway lamp");
  const steps = why.locator("ol > li");
  // From the beginning to the end: who unlocked the door, the door, the rule with its condition, the lamp.
  await expect(steps).toContainText([
    /anna/,
    /Front door lock: Unlocked/,
    /Locked → Unlocked/,
    /Hall by the door/,
    /Hallway lamp: On/,
    /Off → On/,
  ]);
  const ran = steps.filter({ hasText: "Hall by the door" });
  await expect(ran).toContainText("This rule ran, because Front door lock said: Unlocked");
  await expect(ran).toContainText("✓ Television: On");
  await ran.getByRole("link", { name: "Hall by the door" }).click();
  await expect(page).toHaveURL(/\/rules\/hall-by-the-door/);

  // Its condition does not hold, and the page says which one and how it stood.
  await set("front-door-lock", { locked: true });
  await set("television-plug", { on: false });
  await set("hallway-lamp", { on: false });
  await set("front-door-lock", { locked: false });
  await page.goto(`${hub.address}/rules/hall-by-the-door?view=why`);
  const answer = page.locator(".answer");
  await expect(answer).toContainText("It was set off, but it only goes on");
  await expect(answer).toContainText("Television");

  // What comes near while one looks stands among the moments of the day too.
  const near = page.getByRole("button", { name: /Locked → Unlocked – a condition did not hold/ });
  await expect(near.first()).toBeVisible();
  const before = await near.count();
  await set("front-door-lock", { locked: true });
  await set("front-door-lock", { locked: false });
  await expect.poll(() => near.count()).toBeGreaterThan(before);
});
