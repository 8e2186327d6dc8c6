import { expect, test } from "./hub";

test("a device is paired with its questions, named and put into a room", async ({ home, hub }) => {
  await home.getByRole("link", { name: "Add a device" }).click();
  await home.getByRole("button", { name: "Search for devices" }).click();
  const newcomer = home.getByRole("region", { name: "Device 1", exact: true });
  await expect(newcomer.getByRole("list", { name: "How far it is" })).toBeVisible({ timeout: 30_000 });
  // Which keys it may have, then the number by which one sees that it is the right one.
  await newcomer.getByRole("button", { name: "Next" }).click();
  await home.getByLabel("The five underlined digits").fill("03415");
  await home.getByRole("button", { name: "Next" }).click();
  await home.getByRole("button", { name: "Yes", exact: true }).click();
  const name = home.getByLabel("Name", { exact: true }).first();
  await expect(name).toBeVisible({ timeout: 30_000 });
  await name.fill("Lamp on the stairs");
  await home.getByRole("button", { name: "Save" }).first().click();
  await expect(home.getByText("Lamp on the stairs is in the home.")).toBeVisible();
  const { items } = await hub.api<{ items: { name: string }[] }>("GET", "devices?limit=1000");
  expect(items.map((device) => device.name)).toContain("Lamp on the stairs");
});
