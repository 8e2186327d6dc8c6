import type { Page } from "@playwright/test";
import { expect, Hub, OWNER, test } from "./hub";

/** Where the keys go: its role's name for people, and whether one sees that. */
function focused(page: Page) {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return { name: "nothing", isSeen: false, isInView: false };
    const labels = (element as HTMLInputElement).labels;
    const by = (element.getAttribute("aria-labelledby") ?? element.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "");
    const texts = [element.getAttribute("aria-label"), labels?.[0]?.textContent, element.textContent, ...by];
    const shows = (one: Element | null): boolean => {
      if (!one) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
    };
    const box = element.getBoundingClientRect();
    const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2);
    return {
      name:
        texts
          .find((text) => text?.trim())
          ?.trim()
          .replace(/\s+/g, " ") ?? element.tagName,
      isSeen: shows(element) || shows(element.parentElement) || shows(element.closest("label, .editor")),
      isInView:
        !!middle &&
        (element.contains(middle) || middle.contains(element) || !!element.closest("label")?.contains(middle)),
    };
  });
}

/** Goes on by Tab until the focus is on what is called so. On the way it is always somewhere, and to be seen. */
async function tabTo(page: Page, name: RegExp | string, { back = false } = {}) {
  for (let pressed = 0; pressed < 120; pressed += 1) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    const at = await focused(page);
    // After the last thing of a page comes the browser itself. What comes into view is drawn with the next picture.
    if (at.name !== "nothing")
      await expect
        .poll(() => focused(page), { message: `the focus is to be seen at ${at.name}` })
        .toMatchObject({ isSeen: true, isInView: true });
    if (typeof name === "string" ? at.name === name : name.test(at.name)) return;
  }
  throw new Error(`no way by keys to ${name}`);
}

/** The focus is there after what was done, not at the beginning of the page. */
async function keeps(page: Page, name: RegExp) {
  await expect.poll(async () => (await focused(page)).name).toMatch(name);
}

test("by keys alone: log in, switch a lamp, look at a device, write a rule", async ({ page }) => {
  test.setTimeout(240_000);
  const hub = await Hub.begin();
  try {
    await hub.claim();
    await page.goto(hub.address);
    await expect(page.getByLabel("Your name")).toBeVisible();
    await tabTo(page, "Your name");
    await page.keyboard.type(OWNER.username);
    await tabTo(page, "Password");
    await page.keyboard.type(OWNER.password);
    await page.keyboard.press("Enter");
    await expect(page.locator("[data-connection=live]")).toBeVisible();

    // A lamp.
    const lamp = page.getByRole("article", { name: "Bedside lamp" }).getByRole("switch");
    await tabTo(page, /^Bedside lamp: On/);
    const before = await lamp.getAttribute("aria-checked");
    await page.keyboard.press("Space");
    await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
    await expect(lamp).toHaveAttribute("aria-busy", "false");
    await expect(lamp).toBeFocused();

    // Its page; the focus is at its heading, so that it is read out.
    await tabTo(page, "Bedside lamp", { back: true });
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/devices\//);
    await expect(page.locator("main h1")).toHaveText("Bedside lamp");
    await keeps(page, /^Bedside lamp$/);
    // Why it is so, and back to where one asked.
    await tabTo(page, "Why? On");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await keeps(page, /^Why\? On$/);

    // To the rules by the way that each page begins with.
    await page.goto(`${hub.address}/rules`);
    await expect(page.locator("main h1")).toHaveText("Rules");
    await tabTo(page, /^New rule$/);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/rules\/new$/);
    await tabTo(page, "Name");
    await page.keyboard.type("Bed follows the kitchen");
    await tabTo(page, "Add what sets it off");
    await page.keyboard.press("Enter");
    // The dialog is where the keys go now: what is looked for is the first that is found.
    await expect(page.getByRole("dialog")).toBeVisible();
    await tabTo(page, "Search");
    await page.keyboard.type("device changes");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeHidden();
    // The new step is open, and the keys go on there.
    await keeps(page, /^A device changes/);
    await tabTo(page, /Choose a device/);
    await page.keyboard.press("Enter");
    await tabTo(page, "Search");
    await page.keyboard.type("kitchen ceiling");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeHidden();
    await keeps(page, /Kitchen ceiling light/);
    await tabTo(page, "Add what it does");
    await page.keyboard.press("Enter");
    await tabTo(page, "Search");
    await page.keyboard.type("control devices");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeHidden();
    await tabTo(page, /Choose a device/);
    await page.keyboard.press("Enter");
    await tabTo(page, "Search");
    await page.keyboard.type("bedside lamp");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeHidden();
    // It begins with switching it on.
    await expect(page.getByLabel("On", { exact: true }).last()).toBeVisible();
    await expect(page.getByRole("button", { name: "Save", exact: true })).toBeEnabled();
    await page.keyboard.press("Control+s");
    await expect(page).toHaveURL(/\/rules\/bed-follows-the-kitchen$/);
    await keeps(page, /^Bed follows the kitchen$/);
    const { document } = await hub.api<{ document: unknown }>("GET", "automations/bed-follows-the-kitchen");
    expect(document).toMatchObject({
      triggers: [{ state: { device: "home:kitchen-ceiling", attribute: "on", to: true } }],
      actions: [{ command: { device: "home:bedside-lamp", set: { on: true } } }],
    });
  } finally {
    await hub.end();
  }
});
