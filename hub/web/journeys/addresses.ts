import type { Hub } from "./hub";
import { patterns } from "../src/shell/patterns";

/** What stands for the part of an address that names one of many. */
const examples: Record<string, (hub: Hub) => Promise<string>> = {
  device: async (hub) => firstOf(hub, "devices"),
  driver: async (hub) => firstOf(hub, "drivers"),
  rule: async (hub) => firstOf(hub, "automations"),
  editRule: async (hub) => firstOf(hub, "automations"),
  scene: async (hub) => firstOf(hub, "scenes"),
  person: async (hub) => firstOf(hub, "users"),
};

async function firstOf(hub: Hub, what: string): Promise<string> {
  const { items } = await hub.api<{ items: { id: string }[] }>("GET", `${what}?limit=1`);
  return items[0]?.id ?? "none";
}

/** An address of every page of the app but the home itself, by the page's name. */
export async function addresses(hub: Hub): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, pattern] of Object.entries(patterns)) {
    if (pattern === "/") continue;
    const id = pattern.includes(":") ? await (examples[name]?.(hub) ?? Promise.resolve("none")) : "";
    found[name] = pattern.replace(/:\w+/, encodeURIComponent(id));
  }
  return found;
}
