/** A message that the hub pushes, from its encryption to the page that a press on it opens. */
import { test, type CDPSession, type Page, type Worker } from "@playwright/test";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, freePort, Hub, logIn } from "./hub";

const SERVICE = "../../tests/web_push";

/** A third party's push service, which checks who sends and decrypts as browsers do (`tests/web_push`). */
class PushService {
  readonly #process;
  /** The one browser that has subscribed. */
  client = "";

  private constructor(readonly port: number) {
    this.#process = spawn("node", [`${SERVICE}/service.js`, String(port)], { stdio: ["pipe", "ignore", "ignore"] });
  }

  static async start(): Promise<PushService> {
    const service = new PushService(await freePort());
    await expect.poll(() => service.#ask("status", {}).then(() => true, String), { timeout: 30_000 }).toBe(true);
    return service;
  }

  async #ask(what: string, body: object): Promise<Record<string, never>> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return text.startsWith("{") ? JSON.parse(text).data : {};
  }

  async subscribe(key: string): Promise<object> {
    const { clientHash, ...subscription } = (await this.#ask("subscribe", {
      userVisibleOnly: "true",
      applicationServerKey: key,
    })) as { clientHash?: string };
    this.client = clientHash ?? "";
    return { ...subscription, expirationTime: null };
  }

  async messages(): Promise<string[]> {
    const { messages } = (await this.#ask("get-notifications", { clientHash: this.client })) as { messages?: string[] };
    return messages ?? [];
  }

  async expire(): Promise<void> {
    await this.#ask(`expire-subscription/${this.client}`, {});
  }

  end(): void {
    this.#process.kill();
  }
}

/** Has a page subscribe at this service; Chromium's own is its maker's, and far away. */
async function subscribesAt(page: Page, service: PushService): Promise<void> {
  await page.exposeFunction("subscribeHere", (key: string) => service.subscribe(key));
  await page.exposeFunction("unsubscribeHere", () => service.expire());
  await page.addInitScript(() => {
    const here = window as unknown as {
      subscribeHere: (key: unknown) => Promise<object>;
      unsubscribeHere: () => Promise<void>;
    };
    const KEY = "subscribed here";
    const kept = (): unknown => {
      const text = localStorage.getItem(KEY);
      if (text === null) return null;
      const unsubscribe = async () => {
        localStorage.removeItem(KEY);
        await here.unsubscribeHere();
        return true;
      };
      return { toJSON: () => JSON.parse(text) as object, unsubscribe };
    };
    Object.assign(PushManager.prototype, {
      getSubscription: () => Promise.resolve(kept()),
      subscribe: async ({ applicationServerKey }: { applicationServerKey: unknown }) => {
        localStorage.setItem(KEY, JSON.stringify(await here.subscribeHere(applicationServerKey)));
        return kept();
      },
    });
  });
}

/** The registration of the app's worker, as the browser's own tools name it. */
async function registrationOf(tools: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) =>
    tools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [one] = registrations;
      if (one && !one.isDeleted) resolve(one.registrationId);
    }),
  );
  await tools.send("ServiceWorker.enable");
  return found;
}

/** What is shown now. */
const shown = (worker: Worker) =>
  worker.evaluate(async () => {
    const { registration } = self as unknown as ServiceWorkerGlobalScope;
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });

/** Presses what is shown. No tool of the browser does, so the worker is told of it as the browser would tell it. */
const press = (worker: Worker) =>
  worker.evaluate(async () => {
    const { registration } = self as unknown as ServiceWorkerGlobalScope;
    const [notification] = await registration.getNotifications();
    if (!notification) throw new Error("nothing is shown");
    let done: Promise<unknown> = Promise.resolve();
    const event = new NotificationEvent("notificationclick", { notification });
    // What a script has made cannot be waited for by the browser.
    Object.assign(event, { waitUntil: (task: Promise<unknown>) => (done = task) });
    self.dispatchEvent(event);
    // A page may only be put in front by a press of a person's; that it was sent there is what is looked at.
    await done.catch(() => {});
  });

test("a pushed message is shown, a press on it leads to its page, and after a log-out there is none", async ({
  page,
  context,
}) => {
  if (!existsSync(`${SERVICE}/node_modules/web-push-testing`)) {
    console.log("SKIP: web-push-testing is not installed (npm ci --ignore-scripts in tests/web_push)");
    return;
  }
  const service = await PushService.start();
  const hub = await Hub.begin(
    '[messages]\nallow = ["localhost", "127.0.0.1"]\n[[driver]]\nid = "home"\ntype = "virtual"\n',
  );
  try {
    await hub.claim();
    const hook = "washer-0123456789abcdef";
    const notify = { title: "Wäsche", message: "Fertig 😀", severity: "warning" };
    const rule = { id: "washer", name: "Washer", triggers: [{ webhook: { id: hook } }], actions: [{ notify }] };
    await hub.api("POST", "automations", rule);
    await context.grantPermissions(["notifications"], { origin: hub.address });
    await subscribesAt(page, service);
    await logIn(page, hub.address);
    await page.waitForFunction(() => navigator.serviceWorker.ready.then(({ active }) => active?.state === "activated"));
    await page.goto(`${hub.address}/messages`);
    await page.getByRole("button", { name: "Tell me in this browser" }).click();
    await expect.poll(() => service.client).not.toBe("");
    const channels = () =>
      hub.api<{ items: { kind: string }[] }>("GET", "users/me/channels").then(({ items }) => items);
    await expect.poll(async () => (await channels()).map(({ kind }) => kind)).toEqual(["web_push"]);

    // From the hub to the service, which decrypts it; from there to the worker, as a browser gives it.
    await hub.api("POST", `webhooks/${hook}`);
    await expect.poll(() => service.messages()).toHaveLength(1);
    const [data = ""] = await service.messages();
    const tools = await context.newCDPSession(page);
    const registrationId = await registrationOf(tools);
    await tools.send("ServiceWorker.deliverPushMessage", { origin: hub.address, registrationId, data });
    const worker = context.serviceWorkers()[0] as Worker;
    const { id } = JSON.parse(data) as { id: string };
    await expect.poll(() => shown(worker)).toEqual([{ title: "Wäsche", body: "Fertig 😀", tag: id }]);

    await press(worker);
    await expect(page).toHaveURL(`${hub.address}/rules/washer`);
    await expect(page.getByRole("heading", { level: 1, name: "Washer" })).toBeVisible();
    expect(await shown(worker)).toEqual([]);

    // Who logs out is told nothing more: the hub sends nothing, and the browser has nothing to take it with.
    await page.goto(`${hub.address}/settings`);
    await page.getByRole("button", { name: "Log out" }).click();
    await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
    expect(await channels()).toEqual([]);
    expect(await page.evaluate(() => localStorage.getItem("subscribed here"))).toBeNull();
    const before = (await service.messages().catch(() => [])).length;
    await hub.api("POST", `webhooks/${hook}`);
    const told = () => hub.api<{ items: unknown[] }>("GET", "users/me/notifications").then(({ items }) => items.length);
    await expect.poll(told).toBe(2);
    expect((await service.messages().catch(() => [])).length).toBeLessThanOrEqual(before);
    expect(await shown(worker)).toEqual([]);
  } finally {
    await hub.end();
    service.end();
  }
});
