/** Which rules speak of a device: by its id, in an expression, or by a selection that it falls into. */
import { body, hub } from "../../api/client";
import type { Automation, Device } from "../../api/words";

/** Whether a document speaks of the device. */
export function speaksOf(document: unknown, device: Device): boolean {
  if (typeof document === "string") return document === device.id || isQuoted(document, device.id);
  if (Array.isArray(document)) return document.some((part) => speaksOf(part, device));
  if (typeof document !== "object" || document === null) return false;
  return Object.entries(document).some(
    ([key, part]) => (key === "device" && isSelected(part, device)) || speaksOf(part, device),
  );
}

const isQuoted = (text: string, id: string) => text.includes(`"${id}"`) || text.includes(`'${id}'`);

function isSelected(selection: unknown, device: Device): boolean {
  if (typeof selection !== "object" || selection === null || Array.isArray(selection)) return false;
  const { area, type } = selection as Record<string, unknown>;
  if (area === undefined && type === undefined) return false;
  const capabilities = device.endpoints.flatMap((endpoint) => endpoint.capabilities ?? []);
  return (area === undefined || area === device.area) && (type === undefined || capabilities.includes(type as string));
}

/** Documents that were read, by id and revision: they do not change. */
const read = new Map<string, unknown>();

/** The rules that speak of a device. Rules whose document is not shown are left out. */
export async function rulesOf(device: Device, rules: Automation[]): Promise<Automation[]> {
  const documents = await Promise.all(rules.map(documentOf));
  return rules.filter((_, place) => speaksOf(documents[place], device));
}

async function documentOf({ id, revision }: Automation): Promise<unknown> {
  const key = `${id} ${revision}`;
  if (!read.has(key)) {
    const rule = await body(hub.GET("/api/v1/automations/{id}", { params: { path: { id } } })).catch(() => null);
    if (!rule) return null;
    read.set(key, rule.document ?? null);
  }
  return read.get(key);
}
