import { expect, test } from "vitest";
import type { Device } from "../api/words";
import { live } from "./live-device.svelte";

const lamp = () =>
  ({
    id: "lamp",
    name: "Lamp",
    area: "hall",
    availability: "online",
    endpoints: [{ id: 1, label: null, attributes: [{ name: "on", kind: "bool", state: { value: false } }] }],
  }) as unknown as Device;

test("a live device has everything that the device has, and what changes can be set", () => {
  const device = live(lamp());
  expect(device).toEqual(lamp());
  expect({ ...device }).toEqual(lamp());
  device.availability = "offline";
  device.area = null;
  Object.assign(device.endpoints[0]!.attributes[0]!.state, { value: true });
  expect(device).toMatchObject({ availability: "offline", area: null });
  expect(device.endpoints[0]?.attributes[0]?.state.value).toBe(true);
});
