/** What a rule can name in this home, by id or by name: devices, rooms, scenes, people, modes, rules. */
import { body, hub } from "../api/client";
import type { Attribute, Device, Person, Scene } from "../api/words";
import { session } from "../home/session.svelte";
import { people, readPeople } from "../people/people.svelte";
import { isMapping, type Json } from "./path";
import type { Use } from "./language";

/** An attribute with where it is. */
export interface Found {
  endpoint: number;
  label: string | null;
  attribute: Attribute;
}

const USES: Record<Use, (attribute: Attribute) => boolean> = {
  state: ({ momentary, access }) => !momentary && access.some((one) => one !== "write"),
  number: ({ momentary, kind }) => !momentary && kind === "number",
  event: ({ momentary }) => momentary === true,
  write: ({ access }) => access.includes("write"),
  switch: ({ access, kind }) => access.includes("write") && kind === "bool",
};

class RuleHome {
  scenes = $state.raw<Scene[]>([]);

  get people(): Person[] {
    return people();
  }

  /** Asks for what the stream does not tell. What a person may not see stays empty. */
  async load(): Promise<void> {
    const query = { limit: 1000 };
    const [scenes] = await Promise.allSettled([body(hub.GET("/api/v1/scenes", { params: { query } })), readPeople()]);
    if (scenes.status === "fulfilled") this.scenes = scenes.value.items;
  }

  device(name: string): Device | undefined {
    const { devices } = session.live;
    return devices.get(name) ?? [...devices.values()].find((device) => device.name === name);
  }

  /** The devices that stand at `device:`, one, a list, or what a selection fits now. */
  devices(named: Json | undefined): Device[] {
    if (isMapping(named)) {
      const area = typeof named["area"] === "string" ? this.areaId(named["area"]) : null;
      const type = named["type"];
      return [...session.live.devices.values()].filter(
        (device) =>
          (area === null || device.area === area) &&
          (typeof type !== "string" || device.endpoints.some(({ capabilities }) => capabilities?.includes(type))),
      );
    }
    const names = Array.isArray(named) ? named : [named];
    return names.flatMap((name) => (typeof name === "string" ? (this.device(name) ?? []) : []));
  }

  /** The attributes of devices that are good for something, each name and endpoint once. */
  attributes(named: Json | undefined, use: Use): Found[] {
    const found = new Map<string, Found>();
    for (const device of this.devices(named)) {
      for (const { id, label, attributes } of device.endpoints) {
        for (const attribute of attributes) {
          const key = `${attribute.name} ${id}`;
          if (USES[use](attribute) && !found.has(key))
            found.set(key, { endpoint: id, label: label ?? null, attribute });
        }
      }
    }
    // What people mean first; what is of the device as a whole or for its care comes last.
    const rank = ({ endpoint, attribute }: Found) => (attribute.category ? 2 : 0) + (endpoint === 0 ? 1 : 0);
    return [...found.values()].sort((one, other) => rank(one) - rank(other));
  }

  /** The attribute of a name; where an endpoint is named, the one there. */
  attribute(named: Json | undefined, name: string, endpoint?: Json): Attribute | undefined {
    for (const device of this.devices(named)) {
      for (const { id, label, attributes } of device.endpoints) {
        if (endpoint !== undefined && endpoint !== id && endpoint !== label) continue;
        const found = attributes.find((attribute) => attribute.name === name);
        if (found) return found;
      }
    }
    return undefined;
  }

  areaId(name: string): string {
    const { areas } = session.live;
    return areas.has(name) ? name : ([...areas.values()].find((area) => area.name === name)?.id ?? name);
  }

  areaName(id: string): string {
    return session.live.areas.get(this.areaId(id))?.name ?? id;
  }

  personName(named: string): string {
    return this.people.find(({ id, name }) => id === named || name === named)?.name ?? named;
  }

  sceneName(named: string): string {
    return this.scenes.find(({ id, name }) => id === named || name === named)?.name ?? named;
  }

  isRule(id: string): boolean {
    return session.live.automations.has(id);
  }

  ruleName(named: string): string {
    return session.live.automations.get(named)?.name ?? named;
  }

  get modes(): string[] {
    return session.live.home?.modes ?? [];
  }

  get zones(): string[] {
    return (session.live.home?.zones ?? []).map(({ name }) => name);
  }
}

export const ruleHome = new RuleHome();
