import { rules } from "../src/rules/corpus";
import { isMapping, type Json } from "../src/rules/path";
import { read, write } from "../src/rules/text";
import { expect, Hub, logIn, test } from "./hub";

interface Asked {
  text: string;
  /** Whether each step of it is opened. */
  opens: boolean;
}

interface Taken {
  /** What the editor holds after the name was changed in the builder. */
  text: string;
  steps: number;
  /** What the builder says that it does not know. */
  unknown: string[];
}

/** Runs in the page: each text goes into the editor, then to the builder, and comes back as what is made of it there. */
async function throughBuilder(asked: Asked[]): Promise<Taken[]> {
  // A timer would wait for four milliseconds each time.
  const turn = () =>
    new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
  async function there<Kind extends Element>(selector: string): Promise<Kind> {
    for (const end = Date.now() + 10_000; Date.now() < end; await turn()) {
      const found = document.querySelector<Kind>(selector);
      if (found) return found;
    }
    throw new Error(`there is no ${selector}`);
  }
  async function type(selector: string, text: string) {
    const field = await there<HTMLInputElement | HTMLTextAreaElement>(selector);
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await turn();
  }
  const [builder, yaml] = document.querySelectorAll<HTMLButtonElement>(".views button");
  const taken: Taken[] = [];
  for (const { text, opens } of asked) {
    yaml?.click();
    await type(".editor textarea", text);
    builder?.click();
    await there("[aria-labelledby=rule-triggers]");
    const heads = opens ? [...document.querySelectorAll<HTMLButtonElement>("button.head")] : [];
    const unknown: string[] = [];
    for (const head of heads) {
      head.click();
      await turn();
      unknown.push(...[...document.querySelectorAll("main p > code")].map((code) => code.textContent ?? ""));
    }
    await type("main section.card input", "Changed in the builder");
    yaml?.click();
    taken.push({ text: (await there<HTMLTextAreaElement>(".editor textarea")).value, steps: heads.length, unknown });
  }
  return taken;
}

/** The keys of a rule, each with those that it stands below. */
function keysOf(value: Json, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, path));
  if (!isMapping(value)) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, below]) => keysOf(below as Json, `${path}.${key}`));
}

test.use({ trace: "off" });

/** All rules; else those that say something which none before them says. */
const WHOLE = process.env["LONG"] !== undefined;

test("every rule that there is goes from text to builder and back, and keeps all that it says", async ({ page }) => {
  test.setTimeout(600_000);
  const hub = await Hub.demo();
  try {
    await hub.claim();
    await logIn(page, hub.address);
    await page.goto(`${hub.address}/rules/new`);
    await page.getByRole("button", { name: "Text", exact: true }).click();
    await expect(page.locator(".editor textarea")).toBeVisible();
    // As they were written for the hub's own tests, and as the hub keeps those of the simulated home.
    const { items } = await hub.api<{ items: { id: string }[] }>("GET", "automations?limit=1000");
    const kept: { name: string; rule: Json }[] = [];
    for (const { id } of items) {
      kept.push({ name: id, rule: (await hub.api<{ document: Json }>("GET", `automations/${id}`)).document });
    }
    expect(kept.length).toBeGreaterThan(10);
    const corpus = [...kept, ...rules()];
    expect(corpus.length).toBeGreaterThan(1000);
    expect(corpus.filter(({ rule }) => !isMapping(rule))).toEqual([]);
    // A thousand rules say much the same in other words; each way to say something is opened once.
    const seen = new Set<string>();
    const judged = corpus.map(({ name, rule }) => {
      const keys = keysOf(rule).filter((key) => !seen.has(key));
      for (const key of keys) seen.add(key);
      return { name, rule, opens: keys.length > 0 };
    });
    const all = judged.filter(({ opens }) => WHOLE || opens);
    expect(all.length).toBeGreaterThan(50);
    const asked = all.map(({ rule, opens }) => ({ text: write(rule), opens }));
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    const taken = await page.evaluate(throughBuilder, asked);
    for (const [at, { name, rule }] of all.entries()) {
      expect(taken[at]?.unknown, name).toEqual([]);
      const wanted = { ...(rule as object), name: "Changed in the builder" };
      expect(read(taken[at]?.text ?? "").document, name).toEqual(wanted);
    }
    expect(errors).toEqual([]);
  } finally {
    await hub.end();
  }
});
