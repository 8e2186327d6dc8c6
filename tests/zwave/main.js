// A Z-Wave stick without a radio: the one that zwave-js emulates, with nodes behind it and a wire in front of it.
// Usage: node main.js [OPTIONS as JSON: {"port": 5555}]
// The first line of its output says where the stick is; then each line of the input is a request {"do": NAME, …} for what
// happens in the physical world, and each line of the output its answer. Ends with its input.
"use strict";
const { createInterface } = require("node:readline");
const { Stick } = require("./stick.js");

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
// What goes wrong in a behaviour of a node must not end the stick.
for (const kind of ["unhandledRejection", "uncaughtException"]) {
  process.on(kind, (error) => console.error(kind, error));
}

async function main() {
  const stick = await Stick.start(JSON.parse(process.argv[2] ?? "{}"));
  say({ ready: { port: stick.port } });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { do: name, ...request } = JSON.parse(line);
      if (!(name in stick.deeds)) throw new Error(`unknown; one of: ${Object.keys(stick.deeds).join(", ")}`);
      say({ answer: (await stick.deeds[name](request)) ?? null });
    } catch (error) {
      say({ error: String(error.stack ?? error) });
    }
  }
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
