import { expect, test } from "./hub";

test("a device is paired, named and put into a room", async ({ home, hub }) => {
  await home.getByRole("link", { name: "Add a device" }).click();
  await home.getByRole("button", { name: "Open the network" }).click();
  // The simulated ones come by themselves; one of them asks for its PIN.
  await expect(home.getByRole("button", { name: "Stop" })).toBeVisible();
  const name = home.getByLabel("Name", { exact: true }).first();
  await expect(name).toBeVisible({ timeout: 60_000 });
  await name.fill("Lamp on the stairs");
  await home.getByRole("button", { name: "Save" }).first().click();
  await expect
    .poll(async () => {
      const { items } = await hub.api<{ items: { name: string }[] }>("GET", "devices?limit=1000");
      return items.map((device) => device.name);
    })
    .toContain("Lamp on the stairs");
});
