/** What another device has more and less than one that it is to replace. */
import type { Device } from "../../api/words";
import { parts, type Part } from "../../tiles/kind";

export interface Difference {
  missing: Part[];
  added: Part[];
  /** Of the same name, but of another kind, or no longer writable. */
  other: Part[];
}

const key = ({ endpoint, attribute }: Part) => `${endpoint} ${attribute.name}`;

export function difference(old: Device, next: Device): Difference {
  const [before, after] = [old, next].map((device) => new Map(parts(device).map((part) => [key(part), part]))) as [
    Map<string, Part>,
    Map<string, Part>,
  ];
  const isOther = (was: Part) => {
    const is = after.get(key(was));
    const lost = was.attribute.access.includes("write") && !is?.attribute.access.includes("write");
    return is !== undefined && (is.attribute.kind !== was.attribute.kind || lost);
  };
  return {
    missing: [...before.values()].filter((part) => !after.has(key(part))),
    added: [...after.values()].filter((part) => !before.has(key(part))),
    other: [...before.values()].filter(isOther),
  };
}
