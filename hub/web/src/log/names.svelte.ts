/** What the log calls things: of the live home, and of the people that somebody may see. */
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import { t } from "../language/language.svelte";
import { people } from "../people/people.svelte";
import type { Names } from "./event";

export const names: Names = {
  device: (id) => session.live.devices.get(id)?.name ?? id,
  area: (id) => session.live.areas.get(id)?.name ?? id,
  automation: (id) => session.live.automations.get(id)?.name ?? id,
  person: (id) =>
    id === session.user?.id ? (session.user.display_name ?? session.user.username) : (nameOfPerson(id) ?? special(id)),
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

const nameOfPerson = (id: string): string | undefined => people().find((one) => one.id === id)?.name;

/** What an id in the audit log is called: of a device, rule, room, driver or account. */
export function nameOf(id: string): string {
  const { devices, automations, areas } = session.live;
  return devices.get(id)?.name ?? automations.get(id)?.name ?? areas.get(id)?.name ?? nameOfPerson(id) ?? id;
}
