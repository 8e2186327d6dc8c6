import { expect, Hub, logIn, test as base } from "./hub";

const test = base.extend<{ demo: Hub }>({
  demo: async ({ page }, use) => {
    const hub = await Hub.demo();
    await hub.claim();
    await logIn(page, hub.address);
    await use(hub);
    await hub.end();
  },
});

const RULE = `name: Bedside lamp follows the ceiling
mode: restart
triggers:
  - state:
      device: Kitchen ceiling light
      attribute: on
actions:
  - command:
      device: Bedside lamp
      set: {on: true, brightness: 30}
`;

test("a rule is written, checked, tried, saved, and seen to act", async ({ demo, page }) => {
  await page.goto(`${demo.address}/rules/new`);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  const text = page.getByRole("textbox").last();
  // What is wrong is said while one types, at its line, and keeps from saving.
  await text.fill(RULE.replace("brightness: 30", "brightness: 300"));
  await expect(page.getByRole("button", { name: "Line 10: “Brightness” goes from 0 to 100 %." })).toBeVisible();
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  await text.fill(RULE);
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect(save).toBeEnabled();
  // The builder shows the same.
  await page.getByRole("button", { name: "Builder", exact: true }).click();
  await expect(page.getByText(/Bedside lamp/).first()).toBeVisible();
  await save.click();
  await expect(page).toHaveURL(/\/rules\/bedside-lamp[^/]*$/);
  const id = decodeURIComponent(new URL(page.url()).pathname.split("/").pop() ?? "");
  const ceiling = "demo:kitchen-ceiling";
  const { endpoints } = await demo.api<{ endpoints: { attributes: { name: string; state: { value: unknown } }[] }[] }>(
    "GET",
    `devices/${ceiling}`,
  );
  const isOn =
    endpoints.flatMap(({ attributes }) => attributes).find(({ name }) => name === "on")?.state.value === true;
  await demo.api("POST", `devices/${ceiling}/commands?wait=10s`, { set: { on: !isOn } });
  await expect
    .poll(() => demo.api<{ items: unknown[] }>("GET", `automations/${id}/runs`).then(({ items }) => items.length))
    .toBeGreaterThan(0);
  await page.goto(`${demo.address}/rules/${id}?view=runs`);
  await expect(page.getByText(/Kitchen ceiling light/).first()).toBeVisible();
});

test("a rule that is only looked at, in the builder and as text, has nothing to save", async ({ demo, page }) => {
  await page.goto(`${demo.address}/rules/bathroom-light/edit`);
  const way = (name: string) => page.getByRole("button", { name, exact: true });
  const save = page.getByRole("button", { name: "Save", exact: true });
  await way("Text").click();
  const text = page.locator(".editor textarea");
  await expect(text).toHaveValue(/triggers:/);
  await way("Builder").click();
  // Each step is opened; that may close the one before, and show further ones.
  const steps = page.locator("button.head");
  for (let at = 0; at < (await steps.count()); at += 1) await steps.nth(at).click();
  await expect(save).toBeDisabled();
  await way("Text").click();
  // Else it would be so whatever one does.
  await text.fill((await text.inputValue()).replace("Bathroom light", "Bathroom lamp"));
  await expect(save).toBeEnabled();
});
