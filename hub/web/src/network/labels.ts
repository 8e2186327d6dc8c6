/** Which names of a picture can be read at a size: those that come first in importance and hide no other. */
export interface Named {
  id: string;
  name: string;
  x: number;
  y: number;
  /** The greatest first. */
  weight: number;
}

const LETTER = 6.6;
const HEIGHT = 15;
/** From the middle of a node down to its name. */
export const BELOW = 20;
/** Names are cut here, with an ellipsis. */
export const LETTERS = 22;

export function cut(name: string): string {
  return name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
}

/** The ids of those whose names are shown. Positions are of the picture; names have the same size at every scale. */
export function readable(nodes: Named[], scale: number): Set<string> {
  const shown = new Set<string>();
  const taken: { left: number; right: number; top: number; bottom: number }[] = [];
  const dots = nodes.map(({ id, x, y }) => ({ id, x: x * scale, y: y * scale }));
  for (const { id, name, x, y } of [...nodes].sort((a, b) => b.weight - a.weight || a.id.localeCompare(b.id))) {
    const half = (cut(name).length * LETTER) / 2;
    const top = y * scale + BELOW - HEIGHT + 3;
    const box = { left: x * scale - half, right: x * scale + half, top, bottom: top + HEIGHT };
    const hides = (other: typeof box) =>
      box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
    const isOverDot = dots.some(
      (dot) =>
        dot.id !== id && dot.x > box.left - 4 && dot.x < box.right + 4 && dot.y > box.top - 4 && dot.y < box.bottom + 4,
    );
    if (isOverDot || taken.some(hides)) continue;
    taken.push(box);
    shown.add(id);
  }
  return shown;
}
