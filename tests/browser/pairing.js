// A person adds a device with the app.
"use strict";

// Opens the network on the page, as a link on the home leads there.
async function open_network(world, { on }) {
  await world.logIn(world.origin(on));
  const page = await world.open(world.origin(on));
  await page.getByRole("link", { name: "Add a device" }).click();
  await page.getByRole("button", { name: "Search for devices" }).click();
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  world.pairing = page;
}

// Waits until the device is there and works, and says what it is called and where it is.
async function name_newcomer(world, { name, room }) {
  const page = world.pairing;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Room", { exact: true }).selectOption({ label: "New room …" });
  await page.getByLabel("Name of the new room").fill(room);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${name} is in the home.`).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.close();
}

module.exports = { open_network, name_newcomer };
