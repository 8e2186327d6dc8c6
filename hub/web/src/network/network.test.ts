import { describe, expect, test } from "vitest";
import type { NetworkNode } from "../api/words";
import { readable } from "./labels";
import { picture } from "./layout";
import { links, quality } from "./quality";
import { tree } from "./tree";
import { centred, fitted, moved, zoomed } from "./view";

const node = (id: string, parent: string | null, more: Partial<NetworkNode> = {}): NetworkNode => ({
  id,
  name: id,
  device: null,
  role: parent ? "router" : "coordinator",
  parent,
  depth: null,
  link_quality: null,
  last_seen: null,
  silent: false,
  neighbours: [],
  ...more,
});
const hears = (...ids: string[]) => ({
  neighbours: ids.map((id) => ({ id, link_quality: 200, relation: "sibling" })),
});

describe("a network as a tree", () => {
  test("is what the driver says of parents", () => {
    const found = tree([node("c", null), node("a", "c"), node("b", "a")]);
    expect(found.all.map(({ node: { id }, depth }) => [id, depth])).toEqual([
      ["c", 0],
      ["a", 1],
      ["b", 2],
    ]);
    expect(found.lone).toEqual([]);
  });

  test("takes who hears whom where nobody knows the parent", () => {
    const nodes = [node("c", null, hears("a")), node("a", null, { role: "router" }), node("b", null, hears("a"))];
    nodes[2]!.role = "end_device";
    const found = tree(nodes);
    expect(found.all.map(({ parent, guessed }) => [parent?.node.id ?? null, guessed])).toEqual([
      [null, false],
      ["c", true],
      ["a", true],
    ]);
  });

  test("survives circles, parents that are not there, and who nobody hears", () => {
    const found = tree([node("c", null), node("a", "b"), node("b", "a"), node("d", "gone")]);
    expect(found.lone.map(({ node: { id } }) => id).sort()).toEqual(["a", "b", "d"]);
    expect(tree([]).root).toBeNull();
  });
});

test("links are told once, the ways that are used first", () => {
  const found = links(tree([node("c", null, hears("a", "b")), node("a", "c", hears("c", "b")), node("b", "c")]));
  expect(found.map(({ from, to, isWay }) => [from.node.id, to.node.id, isWay])).toEqual([
    ["a", "c", true],
    ["b", "c", true],
    ["a", "b", false],
  ]);
});

test.each([
  [255, "strong"],
  [100, "fair"],
  [12, "weak"],
  [0, "weak"],
  [null, "unknown"],
])("a quality of %s is %s", (number, word) => expect(quality(number)).toBe(word));

describe("the picture", () => {
  const many = [node("c", null)];
  for (let at = 1; at < 100; at += 1) many.push(node(`n${at}`, at < 25 ? "c" : `n${at % 24 || 1}`));

  test("has room between a hundred nodes", () => {
    const { places, reach } = picture(tree(many));
    expect(places).toHaveLength(100);
    let least = Infinity;
    for (const one of places) {
      for (const other of places) {
        if (one !== other) least = Math.min(least, Math.hypot(one.x - other.x, one.y - other.y));
      }
    }
    expect(least).toBeGreaterThan(24);
    expect(reach.x).toBeLessThan(1500);
  });

  test("is the same each time", () => {
    const places = (nodes: NetworkNode[]) =>
      picture(tree(nodes))
        .places.map(({ branch, x, y }) => [branch.node.id, x.toFixed(3), y.toFixed(3)])
        .sort();
    expect(places([...many].reverse())).toEqual(places(many));
  });

  test("is drawn out to use the room", () => {
    const [square, wide, high] = [1, 1.5, 0.5].map((aspect) => picture(tree(many), aspect).reach);
    expect(wide!.x / wide!.y).toBeGreaterThan(square!.x / square!.y);
    expect(high!.x / high!.y).toBeLessThan(square!.x / square!.y);
  });

  test("of one node, and of none, can be drawn", () => {
    expect(picture(tree([node("c", null)])).places).toHaveLength(1);
    expect(picture(tree([])).places).toEqual([]);
  });
});

describe("the view", () => {
  const size = { width: 400, height: 300 };

  test("shows all at first", () => {
    const view = fitted(size, { x: 500, y: 500 });
    expect(500 * view.scale).toBeLessThanOrEqual(150);
    expect(view).toMatchObject({ x: 200, y: 150 });
  });

  test("grows around the finger", () => {
    const view = zoomed({ x: 200, y: 150, scale: 1 }, 2, { x: 100, y: 150 }, 0.1);
    expect(view).toEqual({ x: 300, y: 150, scale: 2 });
    expect(zoomed(view, 99, { x: 0, y: 0 }, 0.1).scale).toBe(3);
    expect(zoomed(view, 0.001, { x: 0, y: 0 }, 0.1).scale).toBe(0.1);
  });

  test("is never moved out of sight", () => {
    const view = moved({ x: 200, y: 150, scale: 1 }, { x: 99_999, y: 0 }, size, { x: 100, y: 100 });
    expect(view.x).toBeLessThan(400 + 100);
  });

  test("goes to a node", () => {
    const view = centred({ x: 0, y: 0, scale: 0.5 }, { x: 100, y: 40 }, size, 1);
    expect([100 * view.scale + view.x, 40 * view.scale + view.y]).toEqual([200, 150]);
  });
});

test("names hide neither each other nor nodes, and there are more of them when it is larger", () => {
  const nodes = Array.from({ length: 20 }, (_, at) => ({
    id: `n${at}`,
    name: "Lamp in a room",
    x: (at % 5) * 60,
    y: Math.floor(at / 5) * 60,
    weight: at === 7 ? 9 : 1,
  }));
  const [small, large] = [readable(nodes, 0.5), readable(nodes, 2)];
  expect(small.size).toBeLessThan(large.size);
  expect(large.size).toBe(20);
  expect(small.has("n7")).toBe(true);
});
