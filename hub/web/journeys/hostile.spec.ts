import type { Page } from "@playwright/test";
import { addresses } from "./addresses";
import { expect, Hub, logIn, test } from "./hub";

/** Texts that run, load or go elsewhere on a page that takes them for more than texts; `#` = the number of each. */
const TEXTS = [
  "<img src=x onerror=canary(#)>",
  "<svg/onload=canary(#)>",
  '"><script>canary(#)</script>',
  "'\"--></style></script><script>canary(#)</script>",
  "<iframe srcdoc='<script>parent.canary(#)</script>'>",
  '" autofocus onfocus=canary(#) x="',
  "javascript:canary(#)",
  "<a href=javascript:canary(#) data-outside>x</a>",
  "<details open ontoggle=canary(#)>",
  "{@html '<img src=x onerror=canary(#)>'}",
  "${canary(#)} [constructor.constructor('canary(#)')()]",
  "<link rel=stylesheet href=//elsewhere.test/#.css>",
  "<img src=//elsewhere.test/#.png>",
  "<style>*{background:url(//elsewhere.test/#)}</style>",
  "<meta http-equiv=refresh content=0;url=//elsewhere.test/#>",
  "<base href=//elsewhere.test/>#",
  "<form action=//elsewhere.test><button autofocus>#</button></form>",
  "%3Cscript%3Ecanary(#)%3C/script%3E",
  "&lt;img src=x onerror=canary(#)&gt;",
  "../../..//elsewhere.test/#",
  "{name} {device} {count} #",
  "\u202egnihtemos #",
  "Z\u0351\u036b\u0343a\u0333\u0345l\u0327g\u0322o \u{1f469}\u200d\u{1f467} #",
  "__proto__ constructor toString #",
  "null undefined NaN true #",
];
/** As long as the hub takes a name, without a place to break it. */
const LONG = "W".repeat(128);
const MESSAGE = "W".repeat(500);

interface Item {
  id: string;
}

/** Gives everything that has a name such a name. Tells how many there are. */
async function rename(hub: Hub): Promise<string[]> {
  const given: string[] = [];
  const next = () => {
    const text = TEXTS[given.length % TEXTS.length]?.replaceAll("#", String(given.length)) ?? "";
    given.push(text);
    return text;
  };
  const list = async (what: string) => (await hub.api<{ items: Item[] }>("GET", `${what}?limit=1000`)).items;
  const at = ({ id }: Item) => encodeURIComponent(id);
  await hub.api("PATCH", "home", { name: next() });
  for (const area of await list("areas")) await hub.api("PATCH", `areas/${at(area)}`, { name: next() });
  const devices = await list("devices");
  for (const device of devices) await hub.api("PATCH", `devices/${at(device)}`, { name: next() });
  const first = devices[0]?.id ?? "";
  const states = [{ device: "demo:annas-lamp", set: { on: true } }];
  for (const name of [next(), next(), next(), LONG]) await hub.api("POST", "scenes", { name, states });
  for (let number = 0; number < TEXTS.length; number += 1) {
    const note = next();
    await hub.api("POST", "automations", {
      name: next(),
      note,
      triggers: [{ webhook: { id: `hook-${number}-0123456789abcdef` }, note }],
      conditions: [{ if: "true", note }],
      actions: [
        { notify: { to: "anna", title: note, message: number === 0 ? MESSAGE : next() }, note },
        { stop: next() },
      ],
    });
  }
  await hub.api("POST", "automations", {
    name: LONG,
    triggers: [{ webhook: { id: "hook-long-0123456789abcdef" } }],
    actions: [{ notify: { to: "anna", title: LONG, message: MESSAGE } }],
  });
  for (let number = 0; number < 4; number += 1) {
    await hub.api("POST", "users", {
      username: `person${number}`,
      display_name: number ? next() : LONG,
      role: "child",
    });
  }
  await hub.api("POST", "tokens", { name: next() });
  await hub.api("POST", "permissions", {
    who: { role: "child" },
    allow: ["see"],
    what: { devices: [first] },
    note: next(),
  });
  await hub.api("PATCH", `devices/${encodeURIComponent(first)}`, { name: LONG });
  await hub.api("PATCH", `areas/${at((await list("areas"))[0] ?? { id: "" })}`, { name: LONG });
  return given;
}

/** What a page is made of beyond texts. */
function parts(page: Page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const widest = [...document.querySelectorAll<HTMLElement>("main *")]
      .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
      .slice(0, 3)
      .map((one) => `${one.tagName}.${one.className}`);
    return {
      ran: (window as unknown as { ran: unknown[] }).ran,
      strange: document.querySelectorAll("img, iframe, object, embed, base, body style, main script, meta[http-equiv]")
        .length,
      handlers: [...document.querySelectorAll("*")].flatMap((one) =>
        one.getAttributeNames().filter((name) => name.startsWith("on")),
      ),
      addresses: [...document.querySelectorAll<HTMLAnchorElement>("a[href]")]
        .map(({ protocol, host }) => `${protocol}//${host}`)
        .filter((place) => place !== location.origin),
      // With what is beside the screen, if the page can be moved sideways.
      wide: wide > 0 ? widest : [],
    };
  });
}

test("names and texts of people and devices are texts on every page, however long @long", async ({ page }) => {
  test.setTimeout(300_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    const given = await rename(hub);
    const requests = new Set<string>();
    page.on("request", (request) => requests.add(new URL(request.url()).host));
    page.on("dialog", (dialog) => void dialog.dismiss());
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.addInitScript(() => {
      const ran: unknown[] = [];
      Object.assign(window, { ran, canary: (number: number) => ran.push(number) });
      document.addEventListener("securitypolicyviolation", (event) => ran.push(event.violatedDirective));
    });
    await logIn(page, hub.address);
    // Each rule tells its texts; so they stand among the messages.
    const hooks = [...TEXTS.keys(), "long"].map((name) => `hook-${name}-0123456789abcdef`);
    for (const hook of hooks) await hub.api("POST", `webhooks/${hook}`);

    const rules = (await hub.api<{ items: Item[] }>("GET", "automations?limit=1000")).items.map(({ id }) => id);
    const own = rules.find((id) => /^w{9}/.test(id));
    expect(own).toBeDefined();
    const further = [
      ...["", "?view=runs", "?view=why", "?view=revisions", "/edit"].map((rest) => `/rules/${own}${rest}`),
      "/log?show=events",
    ];
    await expect(page.locator("main h3").first()).toBeVisible();
    const shown = await page.locator("article h3").allTextContents();
    for (const path of ["/", ...Object.values(await addresses(hub)), ...further]) {
      await page.goto(hub.address + path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("[data-connection=live]")).toBeVisible();
      await page.waitForLoadState("networkidle");
      expect.soft(await parts(page), path).toEqual({ ran: [], strange: 0, handlers: [], addresses: [], wide: [] });
    }
    // They are there as they were given, each letter of them.
    expect(shown.filter((name) => given.includes(name.trim())).length).toBeGreaterThan(20);
    expect([...requests]).toEqual([new URL(hub.address).host]);
    expect(errors).toEqual([]);
  } finally {
    await hub.end();
  }
});
