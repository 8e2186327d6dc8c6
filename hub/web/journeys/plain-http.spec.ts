import { test as base, type Browser, type Page } from "@playwright/test";
import { expect, Hub, logIn } from "./hub";
import { Wire } from "./wire";

/** An address as in a home's network, where there is none: the browser is told that it is this machine. */
const ADDRESS = "192.168.77.7";

const test = base.extend<{ wire: Wire | null }>({
  wire: async ({}, use) => {
    const wire = Wire.make();
    await use(wire);
    wire?.end();
  },
});

/** A browser that has the home's page open at that address, logged in. */
async function besideHub(address: string, browser: Browser): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await logIn(page, address);
  // Otherwise all that follows would prove nothing.
  expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
  return page;
}

/** What is off stands there, with the way to where it is on: the same page, encrypted. */
async function saysWhy(page: Page, hub: Hub, path: string, text: RegExp) {
  const { origin, hostname } = new URL(page.url());
  await page.goto(origin + path);
  const notice = page.locator(".notice", { hasText: text });
  await expect(notice).toBeVisible();
  await expect(notice.getByRole("link", { name: "Go to the encrypted page" })).toHaveAttribute(
    "href",
    `https://${hostname}:${hub.https}${path}`,
  );
  await expect(notice.getByRole("link", { name: "Trust this hub on this device first" })).toHaveAttribute(
    "href",
    "/certificate",
  );
}

test("by plain http at an address of the network the app is whole, and says what browsers keep from it", async ({
  playwright,
  wire,
}) => {
  test.setTimeout(180_000);
  const hub = await (wire ? Hub.begin("http = true\n", ["--demo"], wire.address) : Hub.demo());
  const { launchOptions } = test.info().project.use;
  const program = launchOptions?.executablePath ?? "";
  const browser = await playwright.chromium.launch({
    executablePath: wire?.there(program) ?? program,
    args: ["--no-sandbox", ...(wire ? [] : [`--host-resolver-rules=MAP ${ADDRESS} 127.0.0.1`])],
  });
  try {
    await hub.claim();
    const address = wire ? hub.address : `http://${ADDRESS}:${hub.port}`;
    const page = await besideHub(address, browser);
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    // A command comes back as done, by the same stream as elsewhere.
    const lamp = page.getByRole("article", { name: "Kitchen ceiling light" }).getByRole("switch");
    const before = await lamp.getAttribute("aria-checked");
    await lamp.click();
    await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
    await expect(lamp).toHaveAttribute("aria-busy", "false");
    await page.getByRole("link", { name: "Kitchen ceiling light" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Kitchen ceiling light" })).toBeVisible();
    await expect(page.getByRole("group", { name: "On", exact: true }).getByRole("switch")).not.toHaveAttribute(
      "aria-checked",
      before ?? "",
    );
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await expect(page.getByRole("link", { name: "Hallway light on motion" })).toBeVisible();
    // New ids are made without what browsers have on encrypted pages only.
    await page.goto(`${address}/rules/new`);
    await page.getByRole("button", { name: "Text", exact: true }).click();
    await page
      .locator(".editor textarea")
      .fill('name: Plain\ntriggers:\n  - time: "07:00"\nactions:\n  - set_mode: home\n');
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page).toHaveURL(/\/rules\/plain$/);

    await saysWhy(page, hub, "/messages", /Messages to this browser are off/);
    await expect(page.getByRole("button", { name: "Tell me in this browser" })).toHaveCount(0);
    await saysWhy(page, hub, "/settings/home", /“Where I am” is off/);
    await saysWhy(page, hub, "/settings", /installing the app/);

    // What is shown once can be copied all the same.
    await page.goto(`${address}/people`);
    await page.getByRole("button", { name: "Add a person" }).click();
    const name = page.getByLabel("Name to log in with");
    await name.fill("mia");
    await page.getByRole("button", { name: "Add and invite" }).click();
    const invitation = page.getByRole("dialog", { name: /mia/ });
    const message = await invitation.locator("textarea").inputValue();
    const copy = invitation.getByRole("button", { name: "Copy" });
    await copy.click();
    await expect(invitation.getByText("Copied.")).toBeVisible();
    await expect(copy).toBeFocused();
    await invitation.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Add a person" }).click();
    await name.focus();
    await page.keyboard.press("ControlOrMeta+V");
    // As much of it as the field takes.
    await expect(name).toHaveValue(/.{60}/);
    expect(message.replaceAll(/\s/g, "")).toContain((await name.inputValue()).replaceAll(/\s/g, ""));
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await hub.end();
  }
});
