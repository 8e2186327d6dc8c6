// Drives a real browser for a test. Usage: node main.js OPTIONS, as JSON: the ports `hub` and `https`, a `folder` to write
// to, and the `username` and `password` of who is at the browser.
// Each line of the input is a request {"do": NAME, …}, each line of the output its answer. Ends with its input.
"use strict";
const { createInterface } = require("node:readline");
const { World } = require("./world.js");

const deeds = Object.assign({}, ...["cross_site", "rebinding", "frames", "page", "texts", "cookies", "pairing"].map((file) => require(`./${file}.js`)));

async function main() {
  const world = await World.begin(JSON.parse(process.argv[2]));
  const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");
  say({ ready: world.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...request } = JSON.parse(line);
    try {
      say({ answer: (await deeds[name](world, request)) ?? null });
    } catch (error) {
      say({ error: String(error.stack ?? error) });
    }
  }
  await world.end();
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
