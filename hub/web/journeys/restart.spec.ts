import { expect, test } from "./hub";

test("an open page outlives a restart of its hub", async ({ home, hub }) => {
  const tile = home
    .getByRole("article")
    .filter({ has: home.getByRole("switch") })
    .first();
  const lamp = tile.getByRole("switch");
  const before = await lamp.getAttribute("aria-checked");
  await hub.stop("SIGKILL");
  await expect(home.getByText("Connecting again")).toBeVisible();
  // What is there stays to be read, and a command says that nobody takes it.
  await lamp.click();
  await expect(tile).toContainText("The hub does not answer.");
  await expect(lamp).toHaveAttribute("aria-checked", before ?? "");
  await hub.start();
  await expect(home.getByText("Connecting again")).toBeHidden({ timeout: 30_000 });
  await lamp.click();
  await expect(lamp).not.toHaveAttribute("aria-checked", before ?? "");
  await expect(lamp).toHaveAttribute("aria-busy", "false");
});
