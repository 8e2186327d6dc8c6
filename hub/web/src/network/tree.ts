/** A radio network as a tree: through whom each device speaks, as far as anybody knows. */
import type { NetworkNode } from "../api/words";

export interface Branch {
  node: NetworkNode;
  /** null = it is the root, or nobody knows. */
  parent: Branch | null;
  children: Branch[];
  depth: number;
  /** Its place was guessed from who hears it; the driver does not say it. */
  guessed: boolean;
}

export interface Tree {
  root: Branch | null;
  /** Every node once, the root first. */
  all: Branch[];
  /** Nodes that nobody hears. */
  lone: Branch[];
}

export function tree(nodes: NetworkNode[]): Tree {
  const branches = new Map<string, Branch>(
    nodes.map((node) => [node.id, { node, parent: null, children: [], depth: 0, guessed: false }]),
  );
  const root = [...branches.values()].find(({ node }) => node.role === "coordinator") ?? null;
  for (const branch of branches.values()) {
    const parent = branch.node.parent ? branches.get(branch.node.parent) : undefined;
    if (parent && branch !== root && !isAbove(branch, parent)) attach(branch, parent, false);
  }
  if (root) adopt(root, branches);
  const lone = [...branches.values()].filter((branch) => branch !== root && top(branch) !== root);
  return { root, all: [...branches.values()], lone };
}

/** Whether `above` is `branch` itself or hangs from it: a circle, which a network that is changing may tell of. */
function isAbove(branch: Branch, above: Branch | null): boolean {
  for (let at = above; at; at = at.parent) if (at === branch) return true;
  return false;
}

function top(branch: Branch): Branch {
  let at = branch;
  while (at.parent) at = at.parent;
  return at;
}

function attach(branch: Branch, parent: Branch, guessed: boolean): void {
  branch.parent = parent;
  branch.guessed = guessed;
  parent.children.push(branch);
}

/** Walks from the root outwards; who has no parent goes to the first that it is known to hear. */
function adopt(root: Branch, branches: Map<string, Branch>): void {
  const heard = new Map<string, string[]>();
  const hears = (one: string, other: string) => heard.set(one, [...(heard.get(one) ?? []), other]);
  for (const { node } of branches.values()) {
    for (const { id } of node.neighbours) {
      hears(node.id, id);
      hears(id, node.id);
    }
  }
  const waiting: Branch[] = [root];
  for (let branch = waiting.shift(); branch; branch = waiting.shift()) {
    for (const id of heard.get(branch.node.id) ?? []) {
      const other = branches.get(id);
      if (other && other !== root && !other.parent && !isAbove(other, branch)) attach(other, branch, true);
    }
    for (const child of branch.children) {
      child.depth = branch.depth + 1;
      waiting.push(child);
    }
  }
}
