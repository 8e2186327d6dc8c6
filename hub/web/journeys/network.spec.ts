import { expect, Hub, logIn, test } from "./hub";

test("a slow network shows what is under way, and what became of it", async ({ hub, page }) => {
  const late = 700;
  await page.route(/\/api\/v1\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, late));
    await route.continue();
  });
  await page.routeWebSocket(/\/stream$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => void setTimeout(() => socket.send(message), late));
    socket.onMessage((message) => void setTimeout(() => server.send(message), late));
  });
  await logIn(page, hub.address);
  const lamp = page.getByRole("article", { name: "Bedside lamp" }).getByRole("switch");
  const before = await lamp.getAttribute("aria-checked");
  await lamp.click();
  await expect(lamp).toHaveAttribute("aria-busy", "true", { timeout: late });
  await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
  await expect(lamp).toHaveAttribute("aria-busy", "false");
  await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
});

test("what fell into a gap of the network is there after it", async ({ home, hub }) => {
  const lamp = home.getByRole("article", { name: "Bedside lamp" }).getByRole("switch");
  await home.context().setOffline(true);
  await hub.api("POST", "devices/home:bedside-lamp/commands?wait=10s", { set: { on: true } });
  await expect(lamp).toHaveAttribute("aria-checked", "false");
  await home.context().setOffline(false);
  await expect(lamp).toHaveAttribute("aria-checked", "true", { timeout: 60_000 });
});

test("a home of 300 devices is shown, and one of its lamps switched", async ({ page }) => {
  const homes = Array.from(
    { length: 10 },
    (_, number) => `[[driver]]\nid = "home${number}"\ntype = "virtual"\nseed = ${number}\n`,
  );
  const hub = await Hub.begin(homes.join("\n"));
  try {
    await hub.claim();
    await logIn(page, hub.address);
    await expect(page.getByRole("article")).toHaveCount(310);
    const lamp = page.getByRole("article", { name: "Bedside lamp" }).first().getByRole("switch");
    const before = await lamp.getAttribute("aria-checked");
    await lamp.click();
    await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
  } finally {
    await hub.end();
  }
});
