// A server of Z-Wave JS that has no stick: it says what a file has, and to all that it is asked for it says no.
// Usage: node server.js FILE, with {"state": what `start_listening` answers, "error": what it says each time}.
// The first line of its output says where it is. Ends with its input.
"use strict";
const fs = require("node:fs");
const { WebSocketServer } = require("ws");

const { state, error } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const version = {
  type: "version", homeId: state.controller.homeId, driverVersion: "15.0.0", serverVersion: "3.0.0",
  minSchemaVersion: 0, maxSchemaVersion: 50,
};
const results = { initialize: {}, set_api_schema: {}, start_listening: { state } };

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
  console.log(JSON.stringify({ ready: { port: server.address().port } }));
});
server.on("connection", (socket) => {
  const say = (message) => socket.send(JSON.stringify(message));
  say(version);
  socket.on("message", (text) => {
    const { messageId, command } = JSON.parse(text);
    const result = results[command];
    const answer = result ? { success: true, result } : { success: false, errorCode: "unknown_error", message: error };
    say({ type: "result", messageId, ...answer });
  });
});
process.stdin.on("end", () => process.exit(0)).resume();
