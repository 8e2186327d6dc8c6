/** The states of pages that matter: what is told to a page before it is opened, and what is done on it. */
import type { Page } from "@playwright/test";
import type { Hub } from "../journeys/hub";
import { answer, stream } from "./instead";
import type { Words } from "./words";

export interface Stage {
  page: Page;
  hub: Hub;
  say: Words;
  /** People and a rule that were made for the pictures, by name. */
  made: Record<string, string>;
}

export interface State {
  path: string | ((made: Record<string, string>) => string);
  /** Nobody is logged in. */
  stranger?: boolean;
  before?: (stage: Stage) => Promise<unknown>;
  after?: (stage: Stage) => Promise<unknown>;
}

const device = (id: string) => `/devices/${encodeURIComponent(`demo:${id}`)}`;
const button = ({ page, say }: Stage, key: string, values?: Record<string, string>) =>
  page.getByRole("button", { name: say(key, values) });

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** A hub that is nobody's yet, and takes any code. */
const unclaimed = async ({ page }: Stage): Promise<void> => {
  await answer(page, /\/api\/v1\/status$/, (real) => ({ ...real, state: "new", tls: null }));
  await answer(page, /\/setup\/check$/, {}, { method: "POST" });
};

/** What is typed in the steps of the set-up, one after the other. */
const SETUP = [
  ["setup.code", "ABCD-EFGH-JKMN-PQRS-TVWX"],
  ["setup.home_name", "Our home"],
] as const;
const setUp =
  (steps: number) =>
  async ({ page, say }: Stage): Promise<void> => {
    for (const [label, text] of SETUP.slice(0, steps)) {
      await page.getByLabel(say(label)).fill(text);
      await page.locator("button[type=submit]").click();
    }
    await page.getByLabel(say(["setup.code", "setup.home_name", "username"][steps]!)).waitFor();
  };

interface Event extends Record<string, unknown> {
  stage: string;
}

/** A pairing that has come this far. */
const pairing = (...events: Event[]): State => {
  let tell: (event: Record<string, unknown>) => void = () => {};
  return {
    path: "/pair",
    before: async ({ page }) => {
      ({ say: tell } = await stream(page));
      await answer(page, /\/pairing$/, { id: "p1", until: hours(0.05) }, { method: "POST", status: 201 });
    },
    after: async (stage) => {
      await button(stage, "pair.begin").click();
      const all = [{ stage: "waiting", next_step: "Press the button of the device three times." }, ...events];
      for (const event of all) tell({ kind: "pairing", session: "p1", driver: "demo", device: null, ...event });
    },
  };
};
const came = ["heard", "joined", "keys"].map((stage) => ({ stage, next_step: "Wait a moment." }));

/** Energy as a home of four takes it. */
const taken = async ({ page }: Stage): Promise<void> => {
  const amount = (kwh: number) => ({ kwh, cost: kwh * 0.31, estimated_kwh: 0, estimated: false });
  const names = ["Kettle", "Fridge", "Washing machine", "Television"];
  await answer(page, /\/api\/v1\/energy\?/, (real) => {
    const buckets = (real["buckets"] as { from: string; to: string }[]).map((bucket, at) => {
      const length = (Date.parse(bucket.to) - Date.parse(bucket.from)) / 3_600_000;
      const share = 0.3 + 0.2 * Math.sin(at * 1.7) + 0.1 * Math.sin(at / 3);
      return Date.parse(bucket.from) > Date.now() ? bucket : { ...bucket, ...amount(share * length) };
    });
    const kwh = buckets.reduce((sum, one) => sum + ((one as { kwh?: number }).kwh ?? 0), 0);
    const parts = [0.41, 0.3, 0.2, 0.09].map((part) => amount(kwh * part));
    const groups = (real["groups"] as object[]).map((group, at) => ({
      ...group,
      total: parts[at % 4],
      amounts: buckets.map((one) => amount(((one as { kwh?: number }).kwh ?? 0) * [0.41, 0.3, 0.2, 0.09][at % 4]!)),
    }));
    const devices = (real["devices"] as object[]).map((one, at) => ({ ...one, total: parts[at % 4] }));
    void names;
    return { ...real, buckets, groups, devices, total: amount(kwh) };
  });
};

/** A day of temperatures. */
const history = ({ page }: Stage) =>
  answer(page, /\/history\?/, (real) => ({
    ...real,
    items: Array.from({ length: 96 }, (_, at) => {
      const value = Math.round((19.5 + 1.8 * Math.sin((at - 30) / 15) + 0.3 * Math.sin(at)) * 10) / 10;
      return { at: hours((at - 96) / 4), value, min: value - 0.2, mean: value, max: value + 0.2 };
    }),
  }));

/** The last day of what sensors measure, by hours. */
export const lately = ({ page }: Stage) =>
  answer(page, /\/history\?.*resolution=1h/, (real) => {
    const name = String(real["device"]) + String(real["attribute"]);
    const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    const items = Array.from({ length: 24 }, (_, at) => {
      const mean = 20 + 3 * Math.sin((at + phase) / 4) + Math.sin((at + phase) * 1.3) / 2;
      return { at: hours(at - 24), min: mean, mean, max: mean, count: 12 };
    });
    return { ...real, items };
  });

const messages = ({ page, made }: Stage) =>
  answer(page, /\/notifications\?/, {
    next_cursor: null,
    items: [
      {
        id: "n1",
        at: hours(-0.1),
        title: "Water",
        message: "There is water at the Kitchen leak sensor. Close the main tap.",
        severity: "error",
        acknowledged: false,
        rule: "water",
      },
      {
        id: "n2",
        at: hours(-3),
        title: null,
        message: "The battery of Bedroom remote is nearly empty (8 %).",
        severity: "warning",
        acknowledged: false,
        alert: { code: "battery_low:demo:bedroom-remote", over: false },
      },
      {
        id: "n3",
        at: hours(-26),
        title: "Washing machine",
        message: "It is done.",
        severity: "info",
        acknowledged: true,
        acknowledged_at: hours(-25),
        read_at: hours(-25),
        rule: made["rule"],
      },
      {
        id: "n4",
        at: hours(-0.02),
        title: "Mia asks for permission",
        message: "Mia would like to switch on Television. Answer within ten minutes in the app.",
        severity: "warning",
        acknowledged: false,
        request: { ...asked(made), state: "waiting", person_name: "Mia" },
      },
      {
        id: "n5",
        at: hours(-27),
        title: "Mia asks for permission",
        message: "Mia would like to switch off Television. Answer within ten minutes in the app.",
        severity: "warning",
        acknowledged: false,
        read_at: hours(-27),
        request: { ...asked(made), id: "a0", value: false, state: "allowed_once", person_name: "Mia", by_name: "Anna" },
      },
    ],
  });

const asked = (made: Record<string, string>) => ({
  id: "a1",
  person: made["mia"],
  device: "demo:television-plug",
  attribute: "on",
  value: true,
});

const approval = ({ page, made }: Stage) =>
  answer(page, /\/api\/v1\/approvals/, {
    next_cursor: null,
    items: [
      {
        ...asked(made),
        state: "waiting",
        since: hours(-0.02),
        until: hours(0.2),
      },
    ],
  });

const view = (name: string): State => ({ path: ({ rule }) => `/rules/${rule}?view=${name}` });

export const states: Record<string, State> = {
  "setup-code": { path: "/", stranger: true, before: unclaimed, after: setUp(0) },
  "setup-home": { path: "/", stranger: true, before: unclaimed, after: setUp(1) },
  "setup-owner": { path: "/", stranger: true, before: unclaimed, after: setUp(2) },
  login: { path: "/", stranger: true, after: ({ page }) => page.locator("input[type=password]").waitFor() },
  "login-refused": {
    path: "/",
    stranger: true,
    after: async ({ page }) => {
      await page.locator("input").first().fill("anna");
      await page.locator("input[type=password]").fill("wrong");
      await page.locator("button[type=submit]").click();
      await page.getByRole("alert").waitFor();
    },
  },
  invitation: {
    path: "/#code=ABCD-EFGH-JKMN-PQRS-TVWX",
    stranger: true,
    after: ({ page }) => page.locator("input").first().waitFor(),
  },
  "home-empty": {
    path: "/",
    before: async ({ page }) => {
      await stream(page, (picture) => ((picture.devices = []), (picture.alerts = [])), { quiet: true });
      await answer(page, /\/scenes\?/, { items: [], next_cursor: null });
    },
  },
  "home-trouble": {
    path: "/",
    before: async (stage) => {
      await approval(stage);
      await stream(stage.page, (picture) => {
        for (const one of picture.devices) {
          if (["demo:annas-lamp", "demo:annas-remote"].includes(one.id)) one["availability"] = "offline";
          if (one.id === "demo:bathroom-leak")
            for (const end of one["endpoints"] as { attributes: { name: string; state: { value: unknown } }[] }[])
              for (const { name, state } of end.attributes) if (name === "water_leak") state.value = true;
        }
        picture.alerts.push({
          code: "clock_untrusted",
          severity: "warning",
          text: "The clock may be wrong: no time server answers. Schedules run by the clock of the machine.",
        });
        picture.drivers.push({
          id: "zigbee",
          type: "zigbee2mqtt",
          state: "offline",
          detail: "The broker at 127.0.0.1:1883 does not answer. Check that it runs.",
          since: hours(-1),
          restarts: 3,
          devices: 0,
        });
      });
    },
  },
  "home-failed": {
    path: "/",
    before: ({ page }) =>
      answer(
        page,
        /\/commands/,
        {
          id: "c1",
          device: "demo:annas-lamp",
          status: "failed",
          reason: "no_report",
          ttl_ms: 10000,
          accepted_at: hours(0),
          ended_at: hours(0),
          outcomes: [{ endpoint: 1, attribute: "on", status: "failed", reason: "no_report", value: true }],
        },
        { method: "POST" },
      ),
    after: async ({ page, say }) => {
      const tile = page.getByRole("article", { name: "Anna's lamp" });
      await tile.getByRole("switch").click();
      await tile.getByText(say("reason.no_report")).waitFor();
      await tile.evaluate((one) => one.scrollIntoView({ block: "center" }));
    },
  },
  "home-lock": {
    path: "/",
    after: ({ page, say }) =>
      page
        .getByRole("button", { name: say("unlock") })
        .first()
        .click(),
  },
  "home-colour": {
    path: "/",
    after: async ({ page }) => {
      await page.locator("article button:has(> span[style])").first().click();
    },
  },
  "home-reconnecting": {
    path: "/",
    before: async ({ page }) => {
      const { cut } = await stream(page);
      cutNow = cut;
    },
    after: async ({ page }) => {
      cutNow();
      await page.locator(".banner").waitFor({ timeout: 30_000 });
    },
  },
  "home-viewed-as-a-child": {
    path: ({ mia }) => `/people/${mia}`,
    after: async (stage) => {
      await stage.page.locator("main header button").click();
      await stage.page.locator(".view-as").waitFor();
      await stage.page.locator("nav a").first().click();
    },
  },
  "device-lamp": { path: device("living-room-lamp") },
  "device-thermostat": { path: `${device("living-room-thermostat")}?history=1.temperature`, before: history },
  "device-history": {
    path: device("bedroom-climate"),
    before: history,
    after: async ({ page }) => {
      await page.locator("main .uplot").waitFor();
      await page.locator("#history").evaluate((heading) => heading.closest("section")?.scrollIntoView());
    },
  },
  "device-lock": { path: device("front-door-lock") },
  "device-blind": { path: device("living-room-blind") },
  "device-switch": { path: device("annas-switch") },
  "device-offline": {
    path: device("hallway-lamp"),
    before: ({ page }) =>
      stream(page, ({ devices }) => {
        for (const one of devices) if (one.id === "demo:hallway-lamp") one["availability"] = "offline";
      }),
  },
  "device-why": {
    path: device("living-room-thermostat"),
    after: async (stage) => {
      await button(stage, "device.why_short").first().click();
      await stage.page.getByRole("dialog").waitFor();
    },
  },
  "device-edit": { path: device("living-room-lamp"), after: (stage) => button(stage, "device.edit").click() },
  "device-remove": {
    path: device("living-room-lamp"),
    after: (stage) => button(stage, "device.remove").last().click(),
  },
  "device-gone": { path: device("nothing") },
  "pair-open": pairing(),
  "pair-grant": pairing(...came, {
    stage: "keys",
    next_step: "The device asks for these keys. Grant what it asks for.",
    ask: { kind: "grant", fields: ["s2_access_control", "s2_authenticated", "s2_unauthenticated"] },
  }),
  "pair-pin": pairing(...came, {
    stage: "keys",
    next_step: "Type the five digits that are underlined on the device or its package.",
    ask: { kind: "pin", fields: ["pin"] },
  }),
  "pair-confirm": pairing(...came, {
    stage: "keys",
    next_step: "Do these digits stand on the device: 03415-22841-10098-44127?",
    ask: { kind: "confirm", fields: ["confirm"] },
  }),
  "pair-failed": pairing(...came, {
    stage: "failed",
    next_step: "The digits were wrong, so the device stays outside. Start again.",
  }),
  "pair-done": pairing(...came, {
    stage: "confirmed",
    device: "demo:bedside-lamp",
    next_step: "The device is in the home. Give it a name and a room.",
  }),
  "rule-in-words": { path: "/rules/hallway-light" },
  "rule-builder": { path: "/rules/hallway-light/edit" },
  "rule-runs": view("runs"),
  "rule-run": {
    path: ({ rule }) => `/rules/${rule}?view=runs`,
    after: async ({ page }) => {
      const summary = page.locator("main details summary, main li button").first();
      await summary.click({ timeout: 5000 }).catch(() => {});
    },
  },
  "rule-why-not": view("why"),
  "rule-replay": {
    ...view("replay"),
    after: async (stage) => {
      await button(stage, "rules.replay.start").click();
      await stage.page.locator(".summary").waitFor({ timeout: 60_000 });
    },
  },
  "rule-changes": {
    ...view("revisions"),
    after: async ({ page }) => {
      await page
        .locator("main li button")
        .first()
        .click({ timeout: 5000 })
        .catch(() => {});
    },
  },
  "rule-editor-node": {
    path: "/rules/hallway-light/edit",
    after: async ({ page }) => {
      await page
        .getByRole("button", { name: /Hallway lamp/ })
        .first()
        .click();
    },
  },
  "rule-text-with-errors": {
    path: "/rules/hallway-light/edit",
    after: async (stage) => {
      await button(stage, "rule.yaml").click();
      const text = stage.page.getByRole("textbox").last();
      const now = await text.inputValue();
      await text.fill(now.replace("brightness: 40", "brightness: 400").replace("Hallway motion", "Hallway moton"));
      await stage.page.waitForTimeout(1500);
    },
  },
  "rule-builder-with-errors": {
    path: "/rules/hallway-light/edit",
    after: async (stage) => {
      await button(stage, "rule.yaml").click();
      const text = stage.page.getByRole("textbox").last();
      await text.fill((await text.inputValue()).replace("brightness: 40", "brightness: 400"));
      await button(stage, "rule.builder").click();
      await stage.page.waitForTimeout(1500);
    },
  },
  "people-add": { path: "/people", after: (stage) => button(stage, "people.add").click() },
  "person-child": { path: ({ mia }) => `/people/${mia}` },
  "permissions-edit": { path: "/permissions", after: (stage) => button(stage, "permission.add").click() },
  "scene-new": { path: "/scenes", after: (stage) => button(stage, "scene.new").click() },
  "messages-new": {
    path: "/messages",
    before: async (stage) => {
      await messages(stage);
      await approval(stage);
    },
  },
  "energy-day": { path: "/energy", before: taken },
  "energy-week": { path: "/energy?period=week", before: taken },
  "energy-month": { path: "/energy?period=month", before: taken },
  "network-map": {
    path: "/drivers/demo",
    after: async ({ page, say }) => {
      await page.getByRole("button", { name: say("drivers.show_network") }).click();
      await page.waitForTimeout(800);
      await page.locator("main svg").last().scrollIntoViewIfNeeded();
    },
  },
  "log-events": {
    path: "/log",
    after: ({ page, say }) => page.getByText(say("system.log_events"), { exact: true }).click(),
  },
  "rooms-open": { path: "/settings/rooms", after: ({ page }) => page.locator("summary").first().click() },
  "not-found": { path: "/nowhere" },
};

let cutNow = () => {};
