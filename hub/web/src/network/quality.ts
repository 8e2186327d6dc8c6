/** How well two radios hear each other, in words. The numbers differ between makers of sticks; the words are a guide. */
import type { NetworkNode } from "../api/words";
import type { Branch, Tree } from "./tree";

export type Quality = "strong" | "fair" | "weak" | "unknown";

/** The least of a scale of 0 to 255, the best first. */
const LEAST: [Quality, number][] = [
  ["strong", 130],
  ["fair", 70],
  ["weak", 0],
];

export const qualities: Quality[] = ["strong", "fair", "weak", "unknown"];

export function quality(number: number | null | undefined): Quality {
  if (typeof number !== "number") return "unknown";
  return LEAST.find(([, least]) => number >= least)?.[0] ?? "weak";
}

export interface Link {
  from: Branch;
  to: Branch;
  quality: Quality;
  /** Of the tree: the way that is used. */
  isWay: boolean;
}

/** The ways that are used, and who else hears whom; each pair once. */
export function links({ all }: Tree): Link[] {
  const found = new Map<string, Link>();
  const key = (one: NetworkNode, other: NetworkNode) => [one.id, other.id].sort().join("\n");
  const branches = new Map(all.map((branch) => [branch.node.id, branch]));
  for (const branch of all) {
    if (!branch.parent) continue;
    const heard = branch.node.link_quality ?? between(branch.node, branch.parent.node);
    found.set(key(branch.node, branch.parent.node), {
      from: branch,
      to: branch.parent,
      quality: quality(heard),
      isWay: true,
    });
  }
  for (const branch of all) {
    for (const { id, link_quality } of branch.node.neighbours) {
      const other = branches.get(id);
      if (!other || other === branch || found.has(key(branch.node, other.node))) continue;
      found.set(key(branch.node, other.node), {
        from: branch,
        to: other,
        quality: quality(link_quality),
        isWay: false,
      });
    }
  }
  return [...found.values()];
}

/** What either says of the other. */
function between(one: NetworkNode, other: NetworkNode): number | null {
  const said = (by: NetworkNode, of: NetworkNode) => by.neighbours.find(({ id }) => id === of.id)?.link_quality;
  return said(one, other) ?? said(other, one) ?? null;
}
