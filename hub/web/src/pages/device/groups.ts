/** The attributes of a device as its page shows them: the main ones by endpoint, settings, diagnostics. */
import type { Device } from "../../api/words";
import { isBlind } from "../../tiles/control";
import { parts, telling, type Part } from "../../tiles/kind";

export interface Group {
  endpoint: number;
  label: string | null;
  parts: Part[];
}

export interface Groups {
  main: Group[];
  config: Group[];
  diagnostic: Group[];
}

export function groups(device: Device): Groups {
  const order = new Map(telling(device).map((part, place) => [part.attribute, place]));
  const place = (part: Part) => order.get(part.attribute) ?? Number.MAX_SAFE_INTEGER;
  const of = (category: string | null) =>
    byEndpoint(
      parts(device)
        .filter(({ attribute }) => known(attribute.category) === category)
        .sort((a, b) => place(a) - place(b)),
    );
  return { main: of(null), config: of("config"), diagnostic: of("diagnostic") };
}

/** A category that a newer hub has is shown with the main things. */
const known = (category: string | null | undefined) =>
  category === "config" || category === "diagnostic" ? category : null;

/** Functional endpoints first; what is said of the device as a whole comes behind. */
function byEndpoint(all: Part[]): Group[] {
  const found = new Map<number, Group>();
  for (const part of all) {
    const group = found.get(part.endpoint) ?? { endpoint: part.endpoint, label: part.label, parts: [] };
    group.parts.push(part);
    found.set(part.endpoint, group);
  }
  const rank = ({ endpoint }: Group) => (endpoint === 0 ? Number.MAX_SAFE_INTEGER : endpoint);
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

/** Names one attribute of a device in an address: «1.on». */
export function partKey({ endpoint, attribute }: Part): string {
  return `${endpoint}.${attribute.name}`;
}

/** What there can be a history of, the most telling first. */
export function withHistory(device: Device): Part[] {
  const { main, config, diagnostic } = groups(device);
  return [...main, ...config, ...diagnostic]
    .flatMap((group) => group.parts)
    .filter(({ attribute }) => !attribute.momentary && !isBlind(attribute));
}
