/**
 * Pictures of every page and of the states that matter: on a phone and a desk, light and dark, and in German on a phone.
 * ONLY=regex takes some by name, LOOKS=regex some looks, and WHOLE=1 the pages in their full length.
 */
import { expect, test, type Browser } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { addresses } from "../journeys/addresses";
import { Hub, OWNER } from "../journeys/hub";
import { lately, states, type State } from "./states";
import { words } from "./words";

const { SHOTS = "../../target/screenshots", ONLY = "", LOOKS = "", WHOLE } = process.env;

const phone = { width: 390, height: 844 };
const desktop = { width: 1440, height: 900 };
const looks = {
  "phone-light": { viewport: phone, colorScheme: "light", language: "en" },
  "phone-dark": { viewport: phone, colorScheme: "dark", language: "en" },
  "desktop-light": { viewport: desktop, colorScheme: "light", language: "en" },
  "desktop-dark": { viewport: desktop, colorScheme: "dark", language: "en" },
  "phone-german": { viewport: phone, colorScheme: "light", language: "de" },
} as const;

/** What is not on the screen is not drawn, which a picture in full length would show. */
function showAll(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [sheet];
}

const LOCALES = { en: "en-GB", de: "de-DE" };

/** People, and a rule that has run and was changed. */
async function furnish(hub: Hub): Promise<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const [username, role] of [
    ["mia", "child"],
    ["ben", "adult"],
    ["oma", "guest"],
  ] as const) {
    const { id } = await hub.api<{ id: string }>("POST", "users", { username, role, password: "only for pictures" });
    made[username] = id;
  }
  const document = {
    name: "Light in the hallway with the bedside lamp",
    triggers: [{ state: { device: "demo:bedside-lamp", attribute: "on", to: true } }],
    conditions: [{ state: { device: "demo:hallway-lamp", attribute: "on", is: false } }],
    actions: [{ command: { device: "demo:hallway-lamp", set: { on: true, brightness: 30 } } }],
  };
  const rule = await hub.api<{ id: string }>("POST", "automations", document);
  made["rule"] = rule.id;
  for (const on of [false, true, false, true]) {
    await hub.api("POST", "devices/demo:bedside-lamp/commands?wait=5s", { set: { on } });
  }
  await hub.api("PUT", `automations/${rule.id}`, {
    id: rule.id,
    ...document,
    actions: [
      { command: { device: "demo:hallway-lamp", set: { on: true, brightness: 60 } } },
      { delay: "5m" },
      { command: { device: "demo:hallway-lamp", set: { on: false } } },
    ],
  });
  return made;
}

async function contextOf(browser: Browser, look: (typeof looks)[keyof typeof looks], more: object = {}) {
  const { viewport, colorScheme, language } = look;
  return browser.newContext({
    viewport,
    hasTouch: viewport === phone,
    colorScheme,
    reducedMotion: "reduce",
    locale: LOCALES[language],
    serviceWorkers: "block",
    ...more,
  });
}

test("every page and state, on a phone and a desk, light and dark, English and German", async ({ browser }) => {
  mkdirSync(SHOTS, { recursive: true });
  const hub = await Hub.demo();
  try {
    await hub.claim();
    const made = await furnish(hub);
    const entry = await contextOf(browser, looks["phone-light"]);
    await entry.request.post(`${hub.address}/api/v1/auth/login`, {
      data: { ...OWNER, cookie: true },
      headers: { origin: hub.address },
    });
    const storageState = await entry.storageState();
    await entry.close();

    const pages = Object.entries(await addresses(hub)).map(([name, path]) => [name, { path }] as const);
    const all: [string, State][] = [["home", { path: "/", before: lately }], ...pages, ...Object.entries(states)];
    for (const [look, how] of Object.entries(looks).filter(([name]) => new RegExp(LOOKS).test(name))) {
      for (const [name, state] of all.filter(([name]) => new RegExp(ONLY).test(name))) {
        const context = await contextOf(browser, how, state.stranger ? {} : { storageState });
        const page = await context.newPage();
        const stage = { page, hub, made, say: words(how.language) };
        page.setDefaultTimeout(45_000);
        try {
          await state.before?.(stage);
          await page.goto(hub.address + (typeof state.path === "string" ? state.path : state.path(made)));
          await page.locator("main h1").waitFor();
          await page.waitForLoadState("networkidle");
          await state.after?.(stage);
          await page.waitForTimeout(200);
          if (WHOLE) await page.evaluate(showAll);
        } catch (problem) {
          // One that cannot be reached does not keep the others from being looked at.
          expect.soft(problem, `${name}, ${look}`).toBeNull();
        }
        await page.screenshot({ path: join(SHOTS, `${name}-${look}.png`), fullPage: Boolean(WHOLE) });
        await context.close();
      }
    }
  } finally {
    await hub.end();
  }
});
