import type { Page } from "@playwright/test";
import { expect, logIn, OWNER, test, type Hub } from "./hub";

const RULE = {
  name: "Kettle light",
  triggers: [{ state: { device: "home:kettle-plug", attribute: "on", to: true } }],
  actions: [{ command: { device: "home:kitchen-ceiling", set: { on: true } } }],
};

const name = (page: Page) => page.getByLabel("Name", { exact: true });
const goOn = (page: Page) => page.getByRole("button", { name: "Go on", exact: true });
const begun = (page: Page, what: string) => page.getByRole("heading", { name: what });
const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });

async function saved(hub: Hub, id: string) {
  return (await hub.api<{ document: Record<string, unknown> }>("GET", `automations/${id}`)).document;
}

test("a rule that is being built is there again after a reload, until it is saved", async ({ home: page, hub }) => {
  await page.goto(`${hub.address}/rules/new`);
  await name(page).fill("Good night");
  const when = page.getByRole("region", { name: "When", exact: true });
  await when.getByRole("button", { name: "Add what sets it off" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^At a time of day/ })
    .click();
  await page.reload();

  await expect(begun(page, "You had begun the new rule “Good night”")).toBeVisible();
  await goOn(page).click();
  await expect(name(page)).toHaveValue("Good night");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  const then = page.getByRole("region", { name: "Then", exact: true });
  await then.getByRole("button", { name: "Add what it does" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Set the home's mode/ })
    .click();
  await then.getByLabel("Mode").first().selectOption("night");
  await save(page).click();
  await expect(page).toHaveURL(/\/rules\/good-night$/);
  expect(await saved(hub, "good-night")).toMatchObject({ name: "Good night", actions: [{ set_mode: "night" }] });

  // Nothing is left of it.
  await page.goto(`${hub.address}/rules/new`);
  await expect(name(page)).toHaveValue("");
});

test("a text that is half written comes back, and can be thrown away", async ({ home: page, hub }) => {
  await hub.api("PUT", "automations/kettle", RULE);
  await page.goto(`${hub.address}/rules/kettle/edit`);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  const text = page.getByRole("textbox").last();
  await text.fill("name: [half");
  await page.reload();
  await expect(begun(page, "You had begun to change “Kettle light”")).toBeVisible();
  await goOn(page).click();
  await expect(text).toHaveValue("name: [half");

  await page.reload();
  await page.getByRole("button", { name: "Throw away" }).click();
  await expect(text).toHaveValue(/^id: kettle\nname: Kettle light/);
  await page.reload();
  await expect(text).toHaveValue(/^id: kettle\nname: Kettle light/);
});

test("what was saved meanwhile is said, and both versions are shown before one is saved over", async ({
  home: page,
  hub,
}) => {
  await hub.api("PUT", "automations/kettle", RULE);
  await page.goto(`${hub.address}/rules/kettle/edit`);
  await name(page).fill("Mine");
  await page.goto(`${hub.address}/rules`);
  await hub.api("PUT", "automations/kettle", { ...RULE, name: "Theirs" });

  await page.goto(`${hub.address}/rules/kettle/edit`);
  await expect(page.getByText("The rule was saved anew since", { exact: false })).toBeVisible();
  await goOn(page).click();
  await expect(name(page)).toHaveValue("Mine");
  await save(page).click();
  const question = page.getByRole("dialog", { name: "Somebody changed this rule meanwhile" });
  await expect(question).toContainText("Theirs");
  await question.getByRole("button", { name: "Save mine over it" }).click();
  await expect(page).toHaveURL(/\/rules\/kettle$/);
  expect(await saved(hub, "kettle")).toMatchObject({ name: "Mine" });
});

test("what one person began is not shown to the next, and is gone after a log-out", async ({ home: page, hub }) => {
  await page.goto(`${hub.address}/rules/new`);
  await name(page).fill("Secret plan");
  await page.goto(`${hub.address}/account`);
  const kept = () => page.evaluate(() => JSON.stringify(localStorage));
  expect(await kept()).toContain("Secret plan");
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await expect(page.getByLabel("Your name")).toBeVisible();
  expect(await kept()).not.toContain("Secret plan");

  await logIn(page, hub.address, OWNER);
  await page.goto(`${hub.address}/rules/new`);
  await name(page).fill("Another plan");
  // The session ends by itself, and somebody else logs in.
  await hub.api("POST", "users", { username: "ben", role: "owner", password: "battery staple horse" });
  await page.context().clearCookies();
  await page.reload();
  await logIn(page, hub.address, { username: "ben", password: "battery staple horse" });
  expect(await kept()).not.toContain("Another plan");
});
