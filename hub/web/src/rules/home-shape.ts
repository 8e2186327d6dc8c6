/** Of the home what a check of rules looks at: which devices there are, how they are called, and what they can; no values. */
import type { Device } from "../api/words";

export function homeShape(devices: Iterable<Device>): string {
  const shapes = [...devices].map(({ id, name, area, endpoints }) =>
    JSON.stringify([
      id,
      name,
      area,
      endpoints.map((one) => [one.id, one.label, one.attributes.map((attribute) => [attribute.name, attribute.kind])]),
    ]),
  );
  return shapes.sort().join("\n");
}
