// The hub without its guards, to see that each attack would work there: whoever asks, the hub behind hears that its own
// page asks, and what it says to browsers in its headers does not arrive.
"use strict";
const http = require("node:http");
const net = require("node:net");

const GUARDS = [
  "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
  "cross-origin-resource-policy", "cross-origin-opener-policy",
];

// Takes any body for JSON, as many frameworks do.
function asJson(type, body) {
  if (type.startsWith("application/x-www-form-urlencoded")) return JSON.stringify(Object.fromEntries(new URLSearchParams(body)));
  const parts = [...body.matchAll(/name="([^"]*)"\r\n\r\n([^]*?)\r\n--/g)];
  return parts.length > 0 ? JSON.stringify(Object.fromEntries(parts.map(([, name, value]) => [name, value]))) : body;
}

// The cookie is sent along by every page, and read by scripts.
const softened = (cookie) => cookie.replace("; HttpOnly", "").replace("SameSite=Strict", "SameSite=None; Secure");

function disguised(headers, own) {
  const { "content-length": _, "accept-encoding": __, ...rest } = headers;
  return { ...rest, host: own, origin: `http://${own}` };
}

function unguarded(port) {
  const own = `127.0.0.1:${port}`;
  const server = http.createServer(async (request, response) => {
    const open = {
      "access-control-allow-origin": request.headers.origin ?? "*", "access-control-allow-credentials": "true",
      "access-control-allow-methods": "*", "access-control-allow-headers": "content-type",
    };
    if (request.method === "OPTIONS") {
      open["access-control-allow-methods"] = request.headers["access-control-request-method"];
      return response.writeHead(204, open).end();
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const type = request.headers["content-type"] ?? "";
    const headers = disguised(request.headers, own);
    if (type) headers["content-type"] = "application/json";
    const wantsEvents = (request.headers.accept ?? "").includes("text/event-stream");
    const path = wantsEvents ? "/api/v1/home" : request.url;
    http.request({ port, host: "127.0.0.1", method: request.method, path, headers }, async (answer) => {
      const passed = { ...answer.headers, ...open };
      for (const guard of GUARDS) delete passed[guard];
      if (passed["set-cookie"]) passed["set-cookie"] = passed["set-cookie"].map(softened);
      delete passed["content-length"];
      if (wantsEvents) passed["content-type"] = "text/event-stream";
      response.writeHead(answer.statusCode, passed);
      if (wantsEvents) response.write("data: ");
      for await (const chunk of answer) response.write(chunk);
      response.end(wantsEvents ? "\n\n" : "");
    }).on("error", () => response.destroy()).end(asJson(type, body));
  });
  server.on("upgrade", (request, socket, head) => {
    const upstream = net.connect(port, "127.0.0.1", () => {
      const lines = Object.entries(disguised(request.headers, own)).map(([name, value]) => `${name}: ${value}`);
      upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream]) end.on("error", () => [socket, upstream].forEach((other) => other.destroy()));
  });
  return server;
}

module.exports = { unguarded };
