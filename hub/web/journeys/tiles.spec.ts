import { expect, Hub, logIn, test } from "./hub";

test.describe("what one does on a tile", () => {
  let hub: Hub;
  test.beforeAll(async () => {
    hub = await Hub.demo();
    await hub.claim();
  });
  test.afterAll(() => hub.end());

  const stateOf = async (device: string, name: string) => {
    const { endpoints } = await hub.api<{
      endpoints: { attributes: { name: string; state: { value: unknown } }[] }[];
    }>("GET", `devices/demo:${device}`);
    return endpoints.flatMap(({ attributes }) => attributes).find((one) => one.name === name)?.state.value;
  };

  test("a room is made warmer by the dial, its buttons and keys", async ({ page }) => {
    await logIn(page, hub.address);
    const tile = page.getByRole("article", { name: "Living room thermostat" });
    const dial = tile.getByRole("slider", { name: "Living room thermostat: Heat to" });
    const wanted = () => stateOf("living-room-thermostat", "heating_setpoint");
    await tile.scrollIntoViewIfNeeded();

    // Straight up is the middle of the way from 5 to 30 °C.
    let picture = (await tile.locator(".dial svg").boundingBox())!;
    const knob = (await tile.locator(".handle .knob").boundingBox())!;
    await page.mouse.move(knob.x + knob.width / 2, knob.y + knob.height / 2);
    await page.mouse.down();
    await page.mouse.move(picture.x + picture.width / 2, picture.y + 10, { steps: 5 });
    await expect(dial).toHaveAttribute("aria-valuetext", "17.5\u202f°C");
    expect(await wanted()).not.toBe(17.5);
    await page.mouse.up();
    await expect.poll(wanted).toBe(17.5);

    await tile.getByRole("button", { name: /^More/ }).click();
    await expect(dial).toHaveAttribute("aria-valuetext", "18\u202f°C");
    await dial.focus();
    await page.keyboard.press("ArrowUp");
    await expect(dial).toHaveAttribute("aria-valuetext", "18.5\u202f°C");
    await expect(dial).toBeFocused();

    // A press on the arc is meant too: its right end.
    picture = (await tile.locator(".dial svg").boundingBox())!;
    const taken = page.waitForResponse(
      (answer) => answer.request().postData()?.includes('"heating_setpoint":30') ?? false,
    );
    await page.mouse.click(picture.x + picture.width * 0.861, picture.y + picture.height * 0.885);
    await expect(dial).toHaveAttribute("aria-valuetext", "30\u202f°C");
    expect((await taken).ok()).toBe(true);
  });

  test("a lamp gets another colour without leaving the page", async ({ page }) => {
    await logIn(page, hub.address);
    const tile = page.getByRole("article", { name: "Living room lamp" });
    const disc = tile.getByRole("button", { name: "Colour of Living room lamp" });
    await disc.click();
    const dialog = page.getByRole("dialog", { name: "Colour of Living room lamp" });
    await dialog.getByRole("button", { name: /240°/ }).click();
    await expect.poll(() => stateOf("living-room-lamp", "color")).toMatchObject({ hue: 240 });
    await page.keyboard.press("Escape");
    await expect(disc).toBeFocused();
    await expect(disc.locator("span")).toHaveCSS("background-color", /rgb\(26, 26, 255\)/);
  });

  test("sensors draw their last day when they are looked at, and only then", async ({ page }) => {
    const asked: string[] = [];
    await page.route(/\/history\?/, async (route) => {
      asked.push(decodeURIComponent(new URL(route.request().url()).pathname.split("/")[4] ?? ""));
      const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString();
      const items = [3, 2, 1].map((ago) => ({ at: hours(ago), min: ago, mean: ago, max: ago, count: 1 }));
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), items } });
    });
    await page.setViewportSize({ width: 390, height: 700 });
    await logIn(page, hub.address);
    await expect(page.getByRole("article", { name: "Anna's lamp" })).toBeVisible();
    const climate = page.getByRole("article", { name: "Living room climate" });
    await expect(climate).toHaveCount(1);
    // What is drawn above it on the way moves it.
    await expect(async () => {
      await climate.evaluate((element) => element.scrollIntoView({ block: "center" }));
      await expect(climate.locator(".line path")).toHaveAttribute("d", /^M\S+ \S+L\S+ \S+L\S+ \S+$/, {
        timeout: 500,
      });
    }).toPass({ timeout: 15_000 });
    expect(asked).toContain("demo:living-room-climate");
    expect(asked).not.toContain("demo:bedroom-climate");
    expect(new Set(asked).size).toBe(asked.length);
    await expect(page.getByRole("article", { name: "Front door lock" }).locator(".line")).toHaveCount(0);
  });
});

test("a danger stands on the home page once, and leads to what it is about", async ({ home, hub }) => {
  await hub.api("POST", "devices/home:kitchen-leak/commands?wait=30s", { set: { self_test: true } });
  // The hub tells it too, in a message; its alert would say the same once more.
  await expect(home.getByText("one new message")).toBeAttached();
  await expect(home.getByRole("alert").filter({ hasText: "Leak!" })).toBeVisible();
  await expect(home.getByText("detects water")).toHaveCount(0);
  await home.getByRole("alert").getByRole("link", { name: "Kitchen leak sensor" }).click();
  await expect(home.getByRole("heading", { name: "Kitchen leak sensor", level: 1 })).toBeVisible();
});
