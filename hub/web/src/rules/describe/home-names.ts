/** The names of things by the live home. */
import type { Device, Person, Scene, User } from "../../api/words";
import type { Units } from "../../format/value";
import type { LiveHome } from "../../home/home.svelte";
import { t } from "../../language/language.svelte";
import type { Names } from "./names";

interface More {
  scenes: Scene[];
  people: Pick<Person, "id" | "name">[];
  /** Whoever looks. */
  self: User | null;
  units: Units;
}

export function homeNames(live: LiveHome, { scenes, people, self, units }: More): Names {
  const device = (reference: string): Device | undefined =>
    live.devices.get(reference) ?? [...live.devices.values()].find(({ name }) => name === reference);
  const attribute = (reference: string | null, name: string) =>
    (reference === null ? undefined : device(reference))?.endpoints
      .flatMap(({ attributes }) => attributes)
      .find((one) => one.name === name) ?? anywhere(live, name);
  return {
    device: (reference) => device(reference)?.name ?? reference,
    shape: (reference, name) => attribute(reference, name) ?? { name, kind: "enum", unit: null },
    endpoint: (reference, endpoint) => {
      if (endpoint === undefined || endpoint === null) return "";
      const found = (reference === null ? undefined : device(reference))?.endpoints;
      const functional = found?.filter(({ id }) => id > 0) ?? [];
      const one = functional.find(({ id, label }) => id === endpoint || label === endpoint);
      // Where there is only one, its number says nothing.
      return one && functional.length < 2 ? "" : (one?.label ?? String(endpoint));
    },
    area: (reference) => live.areas.get(reference)?.name ?? reference,
    person: (reference) => {
      if (self && [self.id, self.username].includes(reference)) return self.display_name ?? self.username;
      const known = people.find(({ id, name }) => id === reference || name === reference)?.name;
      // Who may not know of people is not shown their ids instead.
      return known ?? (reference.startsWith("user-") ? t("rules.another_person") : reference);
    },
    scene: (reference) => scenes.find(({ id, name }) => id === reference || name === reference)?.name ?? reference,
    rule: (reference) => live.automations.get(reference)?.name ?? reference,
    units,
    timeZone: live.home?.time_zone,
  };
}

/** Of a selection no device is named: any that has the attribute tells its unit. */
function anywhere(live: LiveHome, name: string) {
  for (const { endpoints } of live.devices.values()) {
    for (const { attributes } of endpoints) {
      const found = attributes.find((one) => one.name === name);
      if (found) return found;
    }
  }
  return undefined;
}
