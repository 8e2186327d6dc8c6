import type { Locator, Page } from "@playwright/test";
import { expect, test, type Hub } from "./hub";

/** Adds a step of this kind by the button of that name, the first of several below one another. */
async function add(part: Locator, button: string, kind: string) {
  await part.getByRole("button", { name: button, exact: true }).first().click();
  await part
    .page()
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(`^${kind}`) })
    .click();
}

/** Chooses the device of the step that is open. */
async function device(page: Page, name: string) {
  await page.getByRole("button", { name: "Choose a device …" }).click();
  const dialog = page.getByRole("dialog", { name: "Device" });
  await dialog.getByLabel("Search").fill(name);
  await dialog.getByRole("button", { name, exact: true }).click();
}

async function set(hub: Hub, device: string, on: boolean) {
  const command = await hub.api<{ status: string }>("POST", `devices/home:${device}/commands?wait=20s`, {
    set: { on },
  });
  expect(command.status).toBe("confirmed");
}

test("a rule is built from nothing, tried before it is saved, seen to act, changed and taken back", async ({
  home: page,
  hub,
}) => {
  test.setTimeout(240_000);
  // What is recorded is what it is tried on.
  await set(hub, "fridge-plug", true);
  for (const on of [true, false, true, false]) await set(hub, "kitchen-ceiling", on);

  await page.goto(`${hub.address}/rules/new`);
  const save = page.getByRole("button", { name: "Save", exact: true });
  const [when, onlyIf, then] = ["When", "And only if", "Then"].map((name) =>
    page.getByRole("region", { name, exact: true }),
  );
  if (!when || !onlyIf || !then) throw new Error("three parts");
  await page.getByLabel("Name", { exact: true }).fill("Kitchen and bed");
  await add(when, "Add what sets it off", "A device changes");
  await device(page, "Kitchen ceiling light");
  await expect(when.getByText(/Kitchen ceiling light.*becomes on/i).first()).toBeVisible();

  // One of several below the conditions: one that never holds, and one that does.
  await add(onlyIf, "Add a condition", "One of several");
  await add(onlyIf, "Add a condition", "A number is above or below");
  await device(page, "Kettle");
  await onlyIf.getByLabel("Above (W)").fill("9000");
  await add(onlyIf, "And if …", "A device is in some state");
  await device(page, "Fridge");

  // And a decision below the actions.
  await add(then, "Add what it does", "If … then");
  await add(then, "Add a condition", "A device is in some state");
  await device(page, "Bathroom light");
  await then.getByLabel("Is", { exact: true }).selectOption({ label: "Off" });
  await add(then, "Add what it does", "Control devices");
  await device(page, "Bedside lamp");
  // It begins with switching it on.
  await then.getByLabel("Also set").selectOption({ label: "Brightness" });
  // What is wrong is said where it is, while one works, and keeps it from being saved.
  const brightness = then.getByLabel("Brightness (%)");
  await brightness.fill("300");
  await expect(then.getByText(/300/).last()).toBeVisible();
  await expect(page.getByRole("button", { name: "One thing to mend" })).toBeVisible();
  await expect(save).toBeDisabled();
  await brightness.fill("30");
  await expect(save).toBeEnabled();

  // Before it is saved: when it would have acted.
  const replay = page.getByRole("region", { name: "What would it have done?" });
  await replay.getByRole("button", { name: "Try it" }).click();
  await expect(replay.getByText(/^It would have fired 2 times/)).toBeVisible();
  const picture = replay.getByRole("img", { name: /^Picture of when/ });
  await expect(picture.locator("circle")).toHaveCount(2);
  await replay.getByRole("button", { name: "Next" }).click();
  await expect(replay.locator("figure")).toContainText(/Bedside lamp/);
  await replay.getByText("As a table").click();
  await expect(replay.getByRole("row")).toHaveCount(3);
  expect((await hub.api<{ items: unknown[] }>("GET", "automations")).items).toEqual([]);

  await save.click();
  await expect(page).toHaveURL(/\/rules\/kitchen-and-bed$/);
  const rule = page.url();
  const { document } = await hub.api<{ document: Record<string, unknown> }>("GET", "automations/kitchen-and-bed");
  expect(document).toMatchObject({
    triggers: [{ state: { device: "home:kitchen-ceiling", attribute: "on", to: true } }],
    conditions: [
      {
        or: [
          { numeric: { device: "home:kettle-plug", attribute: "power", above: 9000 } },
          { state: { device: "home:fridge-plug", attribute: "on", is: true } },
        ],
      },
    ],
    actions: [
      {
        if: [{ state: { device: "home:bathroom-light", attribute: "on", is: false } }],
        then: [{ command: { device: "home:bedside-lamp", set: { on: true, brightness: 30 } } }],
      },
    ],
  });

  // It acts, and each step of that is told.
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await set(hub, "kitchen-ceiling", true);
  const run = page.getByRole("region", { name: /^Run of/ });
  await expect(run).toBeVisible();
  for (const word of ["Set off", "Condition", "Decision", "Done", "End"]) {
    await expect(run.getByText(word, { exact: true }).first(), word).toBeVisible();
  }
  await expect(run.getByText(/Bedside lamp/).first()).toBeVisible();
  await set(hub, "kitchen-ceiling", false);

  // Changed: what differs from now is shown before it is saved.
  await page.getByRole("link", { name: "Edit" }).click();
  await page
    .getByRole("region", { name: "When", exact: true })
    .getByRole("button", { expanded: false })
    .first()
    .click();
  await when.getByLabel("Becomes", { exact: true }).selectOption({ label: "Off" });
  await replay.getByRole("button", { name: "Try it" }).click();
  await expect(replay.getByText(/differs? from the present version/)).toBeVisible();
  await expect(picture.locator(".side-new").first()).toBeVisible();
  await expect(picture.locator(".side-old").first()).toBeVisible();
  await save.click();
  await expect(page).toHaveURL(rule);

  // What changed is kept, and the way back as well.
  await page.getByRole("link", { name: "Changes", exact: true }).click();
  const versions = page.locator("main ol > li");
  await expect(versions).toHaveCount(2);
  await versions.first().getByRole("button", { name: "What changed" }).click();
  await expect(versions.first()).toContainText(/[−-].*to: true/);
  await expect(versions.first()).toContainText(/\+.*to: false/);
  await versions.last().getByRole("button", { name: "Go back to this" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go back to this" }).click();
  await expect(page.getByText("The rule is again what it was in version 1.")).toBeVisible();
  await expect(versions).toHaveCount(3);
  await expect(versions.first()).toContainText("Went back to version 1");
  const now = await hub.api<{ document: Record<string, unknown> }>("GET", "automations/kitchen-and-bed");
  expect(now.document["triggers"]).toEqual(document["triggers"]);
});
