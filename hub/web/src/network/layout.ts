/** Where the nodes of a network are drawn: the coordinator in the middle, who speaks through whom further out. */
import type { Branch, Tree } from "./tree";

export interface Place {
  branch: Branch;
  x: number;
  y: number;
}

/** How far a picture reaches from its middle, to the sides and up and down. */
export interface Reach {
  x: number;
  y: number;
}

export interface Picture {
  places: Place[];
  reach: Reach;
}

/** Between rings, and between neighbours on a ring, in units of the picture: a finger's width at its full size. */
const RING = 110;
const BESIDE = 46;
/** Neighbours on a crowded ring stand alternately nearer and farther, so that there is room for names. */
const STAGGER = 34;

/** A circle is drawn out so far at most, to use the room of a screen that is wide or high. */
const STRETCH_MOST = 1.8;

/** `aspect`: how much wider than high the room is. */
export function picture(tree: Tree, aspect = 1): Picture {
  const stretch = Math.min(STRETCH_MOST, Math.max(1 / STRETCH_MOST, aspect));
  const places = round(tree).map(({ branch, x, y }) => ({
    branch,
    x: x * Math.max(1, stretch),
    y: y / Math.min(1, stretch),
  }));
  const most = (of: (place: Place) => number) => Math.max(0, ...places.map((place) => Math.abs(of(place))));
  return { places, reach: { x: most(({ x }) => x), y: most(({ y }) => y) } };
}

function round({ root, lone }: Tree): Place[] {
  const places: Place[] = [];
  if (!root) return ring(lone, 0, places);
  const weights = new Map<Branch, number>();
  const whole = weigh(root, weights);
  const first = Math.max(RING, (whole * BESIDE) / (2 * Math.PI));
  const at = (depth: number) => (depth === 0 ? 0 : first + (depth - 1) * RING);
  let deepest = 0;

  const put = (branch: Branch, depth: number, from: number, to: number, shift: number) => {
    const angle = (from + to) / 2 - Math.PI / 2;
    const radius = at(depth) + shift;
    deepest = Math.max(deepest, radius);
    places.push({ branch, x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
    let begin = from;
    sorted(branch.children).forEach((child, nth) => {
      const share = ((to - from) * (weights.get(child) ?? 1)) / Math.max(1, inner(branch, weights));
      const isCrowded = whole > 12 && child.children.length === 0;
      put(child, depth + 1, begin, begin + share, isCrowded && nth % 2 === 1 ? STAGGER : 0);
      begin += share;
    });
  };
  put(root, 0, 0, 2 * Math.PI, 0);
  return ring(lone, deepest + RING, places);
}

/** Big branches apart from each other would be prettier; by name a picture stays the same from day to day. */
function sorted(children: Branch[]): Branch[] {
  return [...children].sort((a, b) => a.node.name.localeCompare(b.node.name) || a.node.id.localeCompare(b.node.id));
}

function weigh(branch: Branch, weights: Map<Branch, number>): number {
  const sum = branch.children.reduce((all, child) => all + weigh(child, weights), 0);
  weights.set(branch, Math.max(1, sum));
  return Math.max(1, sum);
}

function inner(branch: Branch, weights: Map<Branch, number>): number {
  return branch.children.reduce((all, child) => all + (weights.get(child) ?? 1), 0);
}

/** Those that nobody hears stand in a circle of their own, outside. */
function ring(branches: Branch[], least: number, places: Place[]): Place[] {
  const radius = Math.max(least, branches.length > 1 ? (branches.length * BESIDE * 2) / (2 * Math.PI) : 0);
  branches.forEach((branch, nth) => {
    const angle = (2 * Math.PI * nth) / branches.length - Math.PI / 2;
    places.push({ branch, x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
  });
  return places;
}
