// A page of another site, or of another port of the same machine, in the browser of a person who is logged in.
"use strict";

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

// What the hub answered to what a page does: the browser itself saw it, also where the page may not.
async function answersOf(page) {
  const heard = [];
  const session = await page.context().newCDPSession(page);
  session.on("Network.responseReceivedExtraInfo", ({ statusCode }) => heard.push(statusCode));
  session.on("Network.webSocketHandshakeResponseReceived", ({ response }) => heard.push(response.status));
  await session.send("Network.enable");
  page.on("response", (response) => response.frame() === page.mainFrame() || heard.push(response.status()));
  return heard;
}

// Waits until what was answered is shown, too: Chromium opens no more tabs once one was closed while it was leaving.
async function arrival(page, answer) {
  const response = await answer;
  // "No content" leaves the page where it is.
  if (response.status() !== 204) await page.waitForURL(response.url());
  return response;
}

// The attacker's page, with what it tries.
async function lure(world, address) {
  const page = await world.open(address);
  await page.addScriptTag({ path: require.resolve("./attempts.js") });
  return page;
}

// What a frame in a sandbox sends is not always told to who drives the browser; the hub knows what came of it.
const UNSEEN = "send a form from a sandbox";

// All attempts of a page from one place on one hub: what the page learned, and what the hub answered last.
async function attack(world, { from, on }) {
  const hub = world.origin(on);
  await world.logIn(hub);
  const outcomes = {};
  const mark = (name) => `${name}, ${from}, ${on}`;
  const page = await lure(world, world.page(from));
  const heard = await answersOf(page);
  const [attempts, departures] = await page.evaluate(() => [Object.keys(window.attempts), Object.keys(window.departures)]);
  for (const name of attempts) {
    heard.length = 0;
    const learned = await page.evaluate(([name, hub, mark]) => attempts[name](hub, mark), [name, hub, mark(name)]);
    for (let patience = ["listen by WebSocket", UNSEEN].includes(name) ? 0 : 300; patience > 0 && heard.length === 0; patience--) await pause();
    outcomes[name] = { learned, answered: name === UNSEEN ? "unseen" : String(heard.at(-1) ?? "refused") };
  }
  await page.close();
  for (const name of departures) {
    const page = await lure(world, world.page(from));
    const answer = page.waitForResponse((response) => response.url().startsWith(`${hub}/`));
    await page.evaluate(([name, hub, mark]) => departures[name](hub, mark), [name, hub, mark(name)]);
    outcomes[name] = { learned: "nothing", answered: String((await arrival(page, answer)).status()) };
    await page.close();
  }
  return outcomes;
}

module.exports = { attack, answersOf, arrival, lure };
