// The cookie of a session: who reads it, and with which requests it goes.
"use strict";
const http = require("node:http");
const net = require("node:net");
const { arrival, lure } = require("./cross_site.js");
const { listen } = require("./world.js");

const flagsOf = async (world) =>
  (await world.person.cookies()).map(({ httpOnly, sameSite, secure }) => ({ httpOnly, sameSite, secure }));

const status = async (page, address) => (await page.goto(address)).status();

// What a script in the hub's own page reads of the cookie, and how the browser keeps it.
async function cookie(world, { on }) {
  await world.logIn(world.origin(on));
  const page = await world.open(world.origin(on));
  const read = await page.evaluate(async () => document.cookie !== "" || (await cookieStore.getAll()).length > 0);
  await page.close();
  return { flags: await flagsOf(world), read };
}

// Whether a person is still logged in where a link leads them.
async function link(world, { on }) {
  const address = `${world.origin(on)}/api/v1/home`;
  await world.logIn(world.origin(on));
  const outcomes = {};
  for (const from of ["cross site", "same site"]) {
    const page = await world.open(world.page(from));
    const answer = page.waitForResponse(address);
    await page.evaluate((address) => {
      const link = Object.assign(document.createElement("a"), { href: address, textContent: "Ringtones" });
      document.body.append(link);
      link.click();
    }, address);
    outcomes[from] = (await arrival(page, answer)).status();
    await page.close();
  }
  const page = await world.person.newPage();
  outcomes.typed = await status(page, address);
  await page.close();
  return outcomes;
}

// A cookie that was made encrypted does not go out in the clear; one that was made in the clear does.
async function in_the_clear(world) {
  const plain = `http://hearth.local:${world.hub}`;
  const outcomes = {};
  for (const origin of [`https://hearth.local:${world.https}`, plain]) {
    await world.logIn(origin);
    const page = await world.person.newPage();
    outcomes[new URL(origin).protocol] = { flags: await flagsOf(world), plain: await status(page, `${plain}/api/v1/home`) };
    await page.close();
  }
  return outcomes;
}

// The status that came first from an address while something is asked: as the network had it, also where the page may not
// read it and the browser keeps it from whoever drives it.
async function firstAnswer(page, address, ask) {
  const session = await page.context().newCDPSession(page);
  const sent = new Set(), statuses = new Map();
  const came = new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no answer from ${address}`)), 20000);
    // Either of the two may be told first.
    const look = () => {
      const status = [...sent].map((id) => statuses.get(id)).find(Boolean);
      if (status) resolve((clearTimeout(limit), status));
    };
    session.on("Network.requestWillBeSent", ({ requestId, request }) => {
      if (request.url === address) look(sent.add(requestId));
    });
    session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => look(statuses.set(requestId, statusCode)));
  });
  await session.send("Network.enable");
  const [status] = await Promise.all([came, ask()]);
  await session.detach();
  return status;
}

// Who sits in the network forges the page that comes in the clear, at the very port that the encrypted one has.
async function forged(world) {
  const page = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Forged</title><body>");
  });
  const middle = net.createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (first) => {
      socket.pause();
      socket.unshift(first);
      // A TLS handshake begins so.
      if (first[0] !== 0x16) return page.emit("connection", socket), socket.resume();
      const upstream = net.connect(world.https, "127.0.0.1");
      upstream.on("error", () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
  });
  const port = await listen(middle);
  const hub = `https://hearth.local:${port}`;
  await world.logIn(hub);
  const outcomes = {};
  for (const origin of [`http://hearth.local:${port}`, hub]) {
    // The hub's own page lets no script of ours in, so there it is the test that asks.
    const own = origin === hub;
    const page = own ? await world.open(hub) : await lure(world, origin);
    const address = `${hub}/api/v1/areas`;
    const answered = [];
    for (const [type, mark] of [["text/plain", "text"], ["application/json", "JSON"]]) {
      const body = JSON.stringify({ name: `${mark} from ${own ? "the hub" : "the middle"}` });
      const ask = () => page.evaluate(([address, type, body]) =>
        fetch(address, { method: "POST", credentials: "include", headers: { "content-type": type }, body })
          .then(() => {}, () => {}), [address, type, body]);
      answered.push(await firstAnswer(page, address, ask));
    }
    outcomes[own ? "own" : await page.title()] = answered;
    await page.close();
  }
  middle.close();
  return outcomes;
}

module.exports = { cookie, link, in_the_clear, forged };
