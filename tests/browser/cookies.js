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
      // The page may not read the answer, and the browser shows it only some time after the page has given up.
      const shown = page.waitForResponse(address, { timeout: 20000 });
      const body = JSON.stringify({ name: `${mark} from ${own ? "the hub" : "the middle"}` });
      const asked = page.evaluate(([address, type, body]) =>
        fetch(address, { method: "POST", credentials: "include", headers: { "content-type": type }, body })
          .then(() => {}, () => {}), [address, type, body]);
      const [response] = await Promise.all([shown, asked]);
      answered.push(String(response.status()));
    }
    outcomes[own ? "own" : await page.title()] = answered;
    await page.close();
  }
  middle.close();
  return outcomes;
}

module.exports = { cookie, link, in_the_clear, forged };
