// The hub's page in a frame of somebody else's, and in a window that somebody else opened.
"use strict";

const ways = {
  iframe: (address) => `<iframe src="${address}"></iframe>`,
  object: (address) => `<object data="${address}"></object>`,
  embed: (address) => `<embed src="${address}">`,
  "iframe in a sandbox": (address) => `<iframe sandbox="allow-scripts allow-forms" src="${address}"></iframe>`,
};

// Which ways to frame show the page. A frame that the browser refused holds a page of the browser's own.
async function frame(world, { on, from, path }) {
  const address = world.origin(on) + path;
  await world.logIn(world.origin(on));
  const shown = [];
  const page = await world.open(world.page(from));
  for (const [way, markup] of Object.entries(ways)) {
    const answered = page.waitForResponse(address, { timeout: 3000 }).catch(() => {});
    await page.evaluate((markup) => {
      document.body.innerHTML = markup;
      // Not every element says that it was refused.
      return new Promise((resolve) => {
        setTimeout(resolve, 3000);
        for (const name of ["load", "error"]) document.body.firstChild.addEventListener(name, resolve);
      });
    }, markup(address));
    await answered;
    const child = page.frames().find((frame) => frame !== page.mainFrame());
    // Its title stands in the page itself; what its script shows may come later, or not at all in a sandbox.
    const isTitled = () => document.location.protocol.startsWith("http") && document.title !== "";
    const titled = child && (await Promise.race([child.evaluate(isTitled).catch(() => false), page.waitForTimeout(3000)]));
    if (titled) shown.push(way);
  }
  await page.goto("about:blank");
  await page.close();
  return shown;
}

// Somebody else's page opens the hub's in a window of its own: does each still hold the other?
async function open_window(world, { on, from }) {
  await world.logIn(world.origin(on));
  const opener = await world.open(world.page(from));
  const opened = world.person.waitForEvent("page");
  await opener.evaluate((address) => void (window.opened = window.open(address)), world.origin(on));
  const page = await opened;
  await page.waitForSelector("[data-connection=live]");
  const outcome = {
    "the opener holds the hub's window": await opener.evaluate(() => !window.opened.closed),
    "the hub's page holds its opener": await page.evaluate(() => window.opener !== null),
  };
  await page.close();
  await opener.close();
  return outcome;
}

module.exports = { frame, open_window };
