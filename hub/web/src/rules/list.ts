/** Which rules a list shows, and in what order. */
import type { Automation, Finding } from "../api/words";
import type { Named } from "./describe/named";
import { troubles } from "./findings";

export interface Listed {
  automation: Automation;
  /** What it does; empty until its document is there, or where it is hidden. */
  sentence: string;
  named: Named;
  findings: Finding[];
}

export type Order = "name" | "ran" | "problems";

export interface Wanted {
  words: string;
  /** Id and name of a device. */
  device: { id: string; name: string } | null;
  area: { id: string; name: string; devices: { id: string; name: string }[] } | null;
  onlyTroubled: boolean;
}

export function shown(rules: Listed[], { words, device, area, onlyTroubled }: Wanted): Listed[] {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter(({ automation, sentence, named, findings }) => {
    const text = `${automation.name} ${sentence}`.toLowerCase();
    return (
      sought.every((word) => text.includes(word)) &&
      (!device || names(named, device)) &&
      (!area || inArea(named, area)) &&
      (!onlyTroubled || troubles(findings).length > 0)
    );
  });
}

const names = ({ devices }: Named, { id, name }: { id: string; name: string }) => devices.has(id) || devices.has(name);

const inArea = (named: Named, { id, name, devices }: NonNullable<Wanted["area"]>) =>
  named.areas.has(id) || named.areas.has(name) || devices.some((device) => names(named, device));

export function sorted(rules: Listed[], order: Order, compare: (a: string, b: string) => number): Listed[] {
  const byName = (a: Listed, b: Listed) => compare(a.automation.name, b.automation.name);
  const ran = ({ automation }: Listed) => automation.last_fired_at ?? "";
  const orders: Record<Order, (a: Listed, b: Listed) => number> = {
    name: byName,
    ran: (a, b) => ran(b).localeCompare(ran(a)) || byName(a, b),
    problems: (a, b) => troubles(b.findings).length - troubles(a.findings).length || byName(a, b),
  };
  return [...rules].sort(orders[order]);
}

export type Enabled = "on" | "off" | "shadow";

export function enabledOf(enabled: unknown): Enabled {
  return enabled === "shadow" ? "shadow" : enabled === false ? "off" : "on";
}

export const SENT: Record<Enabled, boolean | "shadow"> = { on: true, off: false, shadow: "shadow" };
