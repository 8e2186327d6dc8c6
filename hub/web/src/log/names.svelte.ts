/** What the log calls things: of the live home, and of the people that somebody may see. */
import { body, hub } from "../api/client";
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import { t } from "../language/language.svelte";
import type { Names } from "./event";

class People {
  names = $state.raw(new Map<string, string>());
}
const people = new People();

/** Asks who is who, where one may know. */
export async function loadPeople(): Promise<void> {
  const { items } = await body(hub.GET("/api/v1/people", { params: { query: { limit: 1000 } } }));
  people.names = new Map(items.map(({ id, name }) => [id, name]));
}

export const names: Names = {
  device: (id) => session.live.devices.get(id)?.name ?? id,
  area: (id) => session.live.areas.get(id)?.name ?? id,
  automation: (id) => session.live.automations.get(id)?.name ?? id,
  person: (id) =>
    id === session.user?.id
      ? (session.user.display_name ?? session.user.username)
      : (people.names.get(id) ?? special(id)),
  attribute: (device, endpoint, name) => session.live.attribute(device, endpoint, name),
  get units() {
    return units();
  },
};

const SPECIAL = ["local", "unknown", "several"] as const;

function special(id: string): string {
  const found = SPECIAL.find((one) => one === id);
  return found ? t(`system.who.${found}`) : id;
}

/** What an id in the audit log is called: of a device, rule, room, driver or account. */
export function nameOf(id: string): string {
  const { devices, automations, areas } = session.live;
  return devices.get(id)?.name ?? automations.get(id)?.name ?? areas.get(id)?.name ?? people.names.get(id) ?? id;
}
