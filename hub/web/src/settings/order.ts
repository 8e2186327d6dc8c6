/** The order of rooms: by their positions, then by name; and the positions that a new order needs. */
import type { Area } from "../api/words";

/** As the home page shows them. */
export function inOrder(areas: Area[], compare: (a: string, b: string) => number): Area[] {
  const place = ({ position }: Area) => position ?? Infinity;
  return [...areas].sort((a, b) => (place(a) === place(b) ? compare(a.name, b.name) : place(a) - place(b)));
}

/** With one taken to another place. */
export function taken<T>(list: readonly T[], from: number, to: number): T[] {
  const found = [...list];
  const [one] = found.splice(from, 1);
  if (one !== undefined) found.splice(Math.max(0, Math.min(found.length, to)), 0, one);
  return found;
}

/** The rooms whose positions have to change for this order; no more than needed. */
export function positions(ordered: Area[]): { id: string; position: number }[] {
  return ordered.flatMap(({ id, position }, at) => (position === at ? [] : [{ id, position: at }]));
}

/** The floors that there are, each once, in the order of their rooms. */
export function floors(areas: Area[]): string[] {
  return [...new Set(areas.flatMap(({ floor }) => floor ?? []))];
}
