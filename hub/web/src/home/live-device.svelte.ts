/** A device whose changing parts tell the page when they change. */
import type { Device } from "../api/words";

/**
 * Only what events and people change is watched: the states of its attributes, whether it is there, and its room. All else
 * comes with a whole new device. Watching each word of it made the first view of a large home several times slower.
 */
export function live(device: Device): Device {
  const own = $state({ availability: device.availability, area: device.area ?? null });
  return {
    ...device,
    endpoints: device.endpoints.map((endpoint) => ({
      ...endpoint,
      attributes: endpoint.attributes.map((attribute) => {
        const state = $state(attribute.state);
        return { ...attribute, state };
      }),
    })),
    get availability() {
      return own.availability;
    },
    set availability(availability) {
      own.availability = availability;
    },
    get area() {
      return own.area;
    },
    set area(area) {
      own.area = area;
    },
  };
}
