import { test as base } from "@playwright/test";
import { expect, Hub, OWNER } from "./hub";

base("from a new hub to the first switched lamp", async ({ page }) => {
  const hub = await Hub.begin();
  try {
    await page.goto(hub.address);
    await expect(page.getByRole("heading", { name: "Welcome" })).toBeVisible();
    // What cannot be the code is said here, as often as one likes: the hub would soon make one wait.
    for (const typed of ["AAAA", "AAAA-AAAA", "AAAA-AAAA-AAAA-AAAA-AAA", "A", "AA", "AAA"]) {
      await page.getByLabel("Set-up code").fill(typed);
      await page.getByRole("button", { name: "Next" }).click();
      await expect(page.getByRole("alert")).toContainText(/has 20 letters/);
    }
    // A wrong code is said at its own step.
    await page.getByLabel("Set-up code").fill("AAAA-AAAA-AAAA-AAAA-AAAA");
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByLabel("Set-up code").fill(hub.setupCode);
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page.getByRole("alert")).toBeHidden();
    await page.getByLabel("Name of your home").fill("Our home");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Your name").fill(OWNER.username);
    // A page that is loaded anew goes on where it was, and neither code nor name is asked for again.
    await page.reload();
    await expect(page.getByLabel("Your name")).toHaveValue(OWNER.username);
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByLabel("Name of your home")).toHaveValue("Our home");
    await page.getByRole("button", { name: "Next" }).click();
    const password = page.getByLabel("Password");
    await password.fill(OWNER.password);
    // What is typed once can be looked at.
    const show = page.getByRole("button", { name: "Show what is typed" });
    await expect(password).toHaveAttribute("type", "password");
    await show.click();
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await expect(password).toHaveAttribute("type", "text");
    await expect(password).toHaveValue(OWNER.password);
    await page.getByRole("button", { name: "Make it mine" }).click();
    await expect(page).toHaveURL(/\/welcome$/);
    expect(await page.evaluate(() => sessionStorage.getItem("setup"))).toBeNull();
    await page.goto(hub.address);
    const lamp = page.getByRole("switch").first();
    const before = await lamp.getAttribute("aria-checked");
    await lamp.click();
    await expect(lamp).toHaveAttribute("aria-checked", before === "true" ? "false" : "true");
    await expect(lamp).toHaveAttribute("aria-busy", "false");
  } finally {
    await hub.end();
  }
});
