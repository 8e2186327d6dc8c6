// Texts that come from devices, and would be scripts on a careless page.
"use strict";
const { watch } = require("./page.js");

// Each text in a careless page: pasted into markup (at the place of `%`) as it is. Each comes with its number; says the
// numbers of those that ran.
async function careless(world, { texts }) {
  const page = await world.open(world.page("cross site"));
  const ran = await page.evaluate(async (texts) => {
    const ran = new Set();
    let latest = 0;
    window.canary = (number) => {
      if (!ran.has(number)) latest = performance.now();
      ran.add(number);
    };
    // Not all of these pages come to the end of their loading; what runs, runs soon, and sooner on a quicker machine.
    for (let first = 0; first < texts.length; first += 100) {
      const batch = texts.slice(first, first + 100);
      const frames = batch.map(([sink, text]) => {
        const frame = document.createElement("iframe");
        frame.srcdoc = `<script>canary = (number) => parent.canary(number)</script>${sink.split("%").join(text)}`;
        return frame;
      });
      document.body.replaceChildren(...frames);
      latest = performance.now();
      const isDone = () => batch.every(([, , number]) => ran.has(number)) || performance.now() - latest > 5000;
      while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [...ran];
  }, texts);
  await page.close();
  return ran;
}

// Opens the home in a window that stays, and waits until so many devices are shown.
async function show(world, { on, devices }) {
  const hub = world.origin(on);
  await world.logIn(hub);
  const page = await world.person.newPage();
  const seen = watch(page);
  await page.addInitScript(() => {
    window.ran = [];
    window.canary = (number) => window.ran.push(number);
    document.addEventListener("securitypolicyviolation", (event) => window.ran.push(event.violatedDirective));
  });
  await page.goto(hub);
  await page.waitForFunction((devices) => document.querySelectorAll("article.tile").length === devices, devices, { polling: 50 });
  world.shown = { page, seen };
}

// Waits until a text stands somewhere in the window.
async function until(world, { text }) {
  await world.shown.page.waitForFunction((text) => document.body.textContent.includes(text), text, { polling: 20 });
}

// Goes to another page of the app as a link does, and waits until something of it is there.
async function go(page, path, selector) {
  await page.evaluate((path) => {
    const link = Object.assign(document.createElement("a"), { href: path });
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
  await page.waitForSelector(selector);
}

// The texts that stand for themselves on the page that is shown.
const leaves = (page) =>
  page.evaluate(() => [...document.querySelectorAll("main *")].filter((node) => !node.firstElementChild).map((node) => node.textContent));

// What the window shows, and what became of it: everything that ran, was loaded, or is more than text. Looks at the home,
// the messages, the pages of some devices, and others by their address.
async function judge(world, { carriers, also = [] }) {
  const { page, seen } = world.shown;
  const home = await page.evaluate(() => {
    const texts = (selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    return { names: texts("article h3"), rooms: texts("section h2"), title: document.title };
  });
  const values = [];
  for (const { id, count } of carriers) {
    await go(page, `/devices/${encodeURIComponent(id)}`, "main .beside");
    await page.waitForFunction((count) => document.querySelectorAll("main .attribute").length >= count, count);
    values.push(...(await leaves(page)));
  }
  for (const path of also) {
    await go(page, path, "main h1");
    values.push(...(await leaves(page)));
  }
  await go(page, "/messages", also.length > 0 ? "main h1" : "main article");
  const messages = await leaves(page);
  const parts = await page.evaluate(() => ({
    ran: window.ran,
    scripts: document.querySelectorAll("script").length, pictures: document.querySelectorAll("img").length,
    handlers: [...document.querySelectorAll("*")].flatMap((node) => node.getAttributeNames()).filter((name) => name.startsWith("on")).length,
  }));
  await page.close();
  const requests = [...new Set(seen.requests.map((address) => new URL(address).host))];
  return { ...home, ...parts, values, messages, requests, complaints: seen.complaints.filter((text) => !text.includes("401")) };
}

module.exports = { careless, show, until, judge };
