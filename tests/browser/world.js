// The world of a browser that is led astray: the hub, the same hub without its guards, and an attacker's server.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const tls = require("node:tls");
const { createHash } = require("node:crypto");
const { chromium } = require("playwright-core");
const { unguarded } = require("./unguarded.js");

// Names that lead to this machine. All others lead nowhere, whatever the browser wants of them.
const NAMES = {
  "evil.test": "127.0.0.1", // another site
  "rebind.test": "127.0.0.2", // a name that leads to the attacker first and then to the hub
  "hearth.local": "127.0.0.1", // one of the hub's own names
};
const LIMIT = 15000;

// Listens on a port of its own and says which one it is.
const listen = (server, port = 0, address = "127.0.0.1") =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve(server.address().port));
  });

// The browser is told the one key that it may trust without an authority; all else about TLS stays as it is.
const keyOf = (port) =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const key = socket.getPeerX509Certificate().publicKey.export({ type: "spki", format: "der" });
      socket.end();
      resolve(createHash("sha256").update(key).digest("base64"));
    }).once("error", reject);
  });

// The attacker's server: an empty page, and what it was asked for.
function attacker(seen) {
  return http.createServer((request, response) => {
    const url = new URL(request.url, "http://evil.test");
    seen.push({ path: request.url, cookie: request.headers.cookie ?? null });
    const to = url.searchParams.get("to");
    if (to) return response.writeHead(307, { location: to }).end();
    response.writeHead(url.pathname === "/" ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end("<!doctype html><title>Free ringtones</title><body>");
  });
}

// A profile as people have it. By default a driven browser is a private window, which keeps cookies from strange pages by
// itself: then it would be the browser that refuses, not the hub.
function profile(folder) {
  const place = path.join(folder, "profile");
  fs.mkdirSync(path.join(place, "Default"), { recursive: true });
  fs.writeFileSync(path.join(place, "Default", "Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
  return place;
}

class World {
  static async begin({ hub, https, folder, username, password }) {
    const world = Object.assign(new World(), { hub, https, folder, account: { username, password }, seen: [] });
    world.evil = await listen(attacker(world.seen));
    world.unguarded = await listen(unguarded(hub));
    const rules = Object.entries(NAMES).map(([name, address]) => `MAP ${name} ${address}`);
    rules.push("MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1");
    const args = [
      `--host-resolver-rules=${rules.join(",")}`, "--no-proxy-server", `--log-net-log=${world.netLog()}`,
      ...(https ? [`--ignore-certificate-errors-spki-list=${await keyOf(https)}`] : []),
    ];
    const executablePath = process.env.PATH.split(":").map((folder) => path.join(folder, "chromium")).find(fs.existsSync);
    world.person = await chromium.launchPersistentContext(profile(folder), { executablePath, args });
    world.person.setDefaultTimeout(LIMIT);
    world.version = world.person.browser().version();
    return world;
  }

  netLog() {
    return path.join(this.folder, "network-log.json");
  }

  // The hub, and the same without guards, as the browser's owner knows them.
  origin(name) {
    return `http://127.0.0.1:${name === "hub" ? this.hub : this.unguarded}`;
  }

  // Where the attacker's page is: another site, or another port of the hub's own address, which is the same site.
  page(place) {
    return `http://${place === "same site" ? "127.0.0.1" : "evil.test"}:${this.evil}/`;
  }

  // A person is logged in to this hub and no other, as people log in: by its page.
  async logIn(origin) {
    await this.person.clearCookies();
    const page = await this.open(origin);
    await this.fillIn(page);
    await page.close();
  }

  async fillIn(page) {
    await page.fill("[autocomplete=username]", this.account.username);
    await page.fill("[autocomplete=current-password]", this.account.password);
    await page.click("[type=submit]");
    await page.waitForSelector("[data-connection=live]");
  }

  async open(address) {
    const page = await this.person.newPage();
    await page.goto(address);
    return page;
  }

  async end() {
    await this.person.close();
    await fs.promises.rm(path.join(this.folder, "profile"), { recursive: true, force: true });
  }
}

module.exports = { World, listen, LIMIT };
