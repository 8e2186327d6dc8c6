// The real driver of zwave-js at a stick, as a person's Z-Wave JS would run it: what it finds out, and what it sends for
// that, is what Hearth's own driver is compared with.
// Usage: node driver.js '{"port": 5555, "cache": FOLDER}'
// The first line of its output says that it is ready; then each line of the input is a request {"do": NAME, …}, and each
// line of the output its answer. Ends with its input.
"use strict";
const { createInterface } = require("node:readline");
const { setTimeout: later } = require("node:timers/promises");
const { Driver, NodeStatus } = require("zwave-js");
const { securityKeys } = require("./nodes.js");

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const LOOK_MILLISECONDS = 100;

async function start({ port, cache }) {
  const driver = new Driver(`tcp://127.0.0.1:${port}`, {
    logConfig: { enabled: false },
    storage: { cacheDir: cache },
    securityKeys,
  });
  driver.on("error", (error) => console.error("driver:", error.message));
  const ready = new Promise((resolve) => driver.once("driver ready", resolve));
  await driver.start();
  await ready;
  return driver;
}

class Network {
  constructor(driver) {
    this.driver = driver;
    this.interviewed = new Set();
    for (const node of driver.controller.nodes.values()) {
      node.on("interview completed", () => this.interviewed.add(node.id));
    }
  }

  #node(id) {
    return this.driver.controller.nodes.getOrThrow(id);
  }

  deeds = {
    // Which of these nodes it has interviewed, or took for dead, when all are so or the time is over.
    interviewed: async ({ nodes, seconds }) => {
      const end = Date.now() + seconds * 1000;
      const isOver = (id) => this.interviewed.has(id) || this.#node(id).status === NodeStatus.Dead;
      while (!nodes.every(isOver) && Date.now() < end) await later(LOOK_MILLISECONDS);
      return nodes.filter(isOver);
    },
    // Whether it has nothing more to send to these nodes.
    ready: async ({ nodes, seconds }) => {
      const end = Date.now() + seconds * 1000;
      const isOver = (id) => this.#node(id).ready || this.#node(id).status === NodeStatus.Dead;
      while (!nodes.every(isOver) && Date.now() < end) await later(LOOK_MILLISECONDS);
      return nodes.filter(isOver);
    },
    set: ({ node, value, ...id }) => this.#node(node).setValue({ endpoint: 0, ...id }, value),
    // What it knows of all nodes but the stick's.
    values: () => [...this.driver.controller.nodes.values()].filter((node) => !node.isControllerNode).flatMap((node) =>
      node.getDefinedValueIDs().map((id) => ({
        node: node.id,
        class: id.commandClassName,
        endpoint: id.endpoint,
        property: id.propertyKey === undefined ? String(id.property) : `${id.property}/${id.propertyKey}`,
        value: node.getValue(id) ?? null,
        unit: node.getValueMetadata(id).unit ?? "",
      }))),
    rest: ({ seconds }) => later(seconds * 1000, null),
  };
}

async function main() {
  const driver = await start(JSON.parse(process.argv[2]));
  const network = new Network(driver);
  say({ ready: {} });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { do: name, ...request } = JSON.parse(line);
      if (!(name in network.deeds)) throw new Error(`unknown; one of: ${Object.keys(network.deeds).join(", ")}`);
      say({ answer: (await network.deeds[name](request)) ?? null });
    } catch (error) {
      say({ error: String(error.stack ?? error) });
    }
  }
  await driver.destroy();
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
