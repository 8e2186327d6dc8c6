/**
 * Devices for which every rule says the same, so that one question answers for all of them: in a large home there would be
 * thousands otherwise.
 */
import type { Device, PermissionRule } from "../api/words";

/** What rules of this home tell devices apart by. */
export function distinctions(rules: PermissionRule[]): { byArea: boolean; devices: Set<string> } {
  return {
    byArea: rules.some(({ what }) => (what?.areas?.length ?? 0) > 0),
    devices: new Set(rules.flatMap(({ what }) => what?.devices ?? [])),
  };
}

/** Equal for devices that no rule tells apart. */
export function likeness(device: Device, { byArea, devices }: ReturnType<typeof distinctions>): string {
  const capabilities = device.endpoints.flatMap((endpoint) => endpoint.capabilities ?? []);
  const attributes = device.endpoints.flatMap((endpoint) => endpoint.attributes.map(({ name }) => name));
  // A cover is a garage door by its name: what it is called counts.
  const isOwnKind = devices.has(device.id) || capabilities.includes("cover") || capabilities.length === 0;
  if (isOwnKind) return device.id;
  const { manufacturer, model, description } = device;
  return JSON.stringify([manufacturer, model, description, capabilities, attributes, byArea ? device.area : null]);
}
