// DNS rebinding: a name leads to the attacker's server first and then to the hub, at the same port. For the browser both
// are one origin, so that the attacker's script may read whatever the hub answers.
"use strict";
const http = require("node:http");
const net = require("node:net");
const { listen } = require("./world.js");

// Where the name leads: an address of its own at the hub's port. Before it is bound anew the attacker answers there;
// afterwards each connection goes on to the port that is given.
async function name(port) {
  const page = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html", connection: "close" });
    response.end("<!doctype html><title>Free ringtones</title><body>");
  });
  let target = null;
  // A browser opens connections ahead of need: those to the attacker end when the name leads elsewhere.
  const early = new Set();
  const server = net.createServer((socket) => {
    if (target === null) {
      early.add(socket);
      return page.emit("connection", socket);
    }
    const upstream = net.connect(target, "127.0.0.1");
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on("error", () => [socket, upstream].forEach((other) => other.destroy()));
  });
  await listen(server, port, "127.0.0.2");
  return { bind: (port) => { target = port; early.forEach((socket) => socket.destroy()); }, close: () => server.close() };
}

// What a page from the rebound name reads: the status of each path and method, and of the stream.
async function rebind(world, { on, paths }) {
  const port = world[on];
  const rebound = await name(port);
  const page = await world.open(`http://rebind.test:${port}/`);
  const title = await page.title();
  rebound.bind(port);
  const outcomes = await page.evaluate(async (paths) => {
    const outcomes = {};
    for (const [method, path] of paths) {
      const body = ["POST", "PUT", "PATCH"].includes(method) ? "{}" : undefined;
      const headers = { "content-type": "application/json" };
      const response = await fetch(path, { method, body, headers });
      outcomes[`${method} ${path}`] = response.status;
    }
    outcomes.stream = await new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/api/v1/stream`);
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    });
    return outcomes;
  }, paths);
  outcomes.page = (await page.goto(`http://rebind.test:${port}/`)).status();
  await page.close();
  rebound.close();
  return { title, outcomes };
}

module.exports = { rebind };
