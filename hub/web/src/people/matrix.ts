/** The rows, columns and cells of the permission matrix. */
import type { Area, Device, PermissionRule } from "../api/words";
import { t } from "../language/language.svelte";
import { distinctions, likeness } from "./alike";
import { byType, isConditional, level, partName, together, typeName, type Level, type Verdicts } from "./permission";
import { telling } from "../tiles/kind";
import type { Thing } from "./verdicts.svelte";

export interface Column {
  id: string;
  name: string;
  things: Thing[];
  /** What a new rule for this column is about. */
  what: { types?: string[]; areas?: string[]; parts?: string[]; devices?: string[] };
}

/** Parts of the hub that stand beside the devices. */
const SHOWN_PARTS = ["scenes", "rules", "home"];

/** What people use of a device first. */
const use = (device: Device) =>
  telling(device).find(({ attribute }) => attribute.access.includes("write"))?.attribute.name ?? null;

export function columns(by: "type" | "room", devices: Device[], areas: Area[], rules: PermissionRule[] = []): Column[] {
  const how = distinctions(rules);
  const ofDevices = (some: Device[]): Thing[] =>
    some.map((device) => ({ device: device.id, use: use(device), like: likeness(device, how) }));
  if (by === "type") {
    const kinds = byType(devices).map(({ id, devices }) => ({
      id,
      name: typeName(id),
      things: ofDevices(devices),
      what: id === "other" ? { devices: devices.map((one) => one.id) } : { types: [id] },
    }));
    const parts = SHOWN_PARTS.map((part) => ({
      id: `part:${part}`,
      name: partName(part),
      things: [{ part }],
      what: { parts: [part] },
    }));
    return [...kinds, ...parts];
  }
  const inRoom = (area: string | null) => devices.filter((device) => (device.area ?? null) === area);
  const rooms = areas.map((area) => ({
    id: area.id,
    name: area.name,
    things: ofDevices(inRoom(area.id)),
    what: { areas: [area.id] },
  }));
  const rest = inRoom(null);
  const roomless = {
    id: "",
    name: t("no_room"),
    things: ofDevices(rest),
    what: { devices: rest.map(({ id }) => id) },
  };
  return [...rooms, roomless].filter(({ things }) => things.length > 0);
}

export interface Cell {
  level: Level;
  /** For how many of all it goes so far. */
  count: number;
  of: number;
  /** Whether it holds under conditions. */
  isConditional: boolean;
}

/** What a cell says; null = an answer is still to come. */
export function cell(
  answers: (Verdicts | null)[],
  ruleOf: (id: string) => Parameters<typeof isConditional>[0],
): Cell | null {
  const known = answers.filter((one) => one !== null);
  if (known.length < answers.length || known.length === 0) return null;
  const deciding = (verdicts: Verdicts) => {
    const { see, control, configure } = verdicts;
    const by = { none: null, see, ask: null, control, configure }[level(verdicts)]?.rule;
    return by ? ruleOf(by) : undefined;
  };
  return {
    ...together(known.map(level)),
    isConditional: known.some((one) => isConditional(deciding(one))),
  };
}

export function levelText(level: Level): string {
  return t(`permission.level.${level}`);
}

export function cellText({ level, count, of }: Cell): string {
  const words = levelText(level);
  return count < of ? t("permission.some_of", { words, count, of }) : words;
}
