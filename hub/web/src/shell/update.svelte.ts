/** The hub was updated, and with it this app: an open page is of the former build, and may not understand the new hub. */
import { within } from "../home/standing";
import { buildOf } from "./build";
import { isEditing } from "./editing";

/** For which build this tab has begun anew already: once for each, whatever stands between it and the hub. */
const KEPT = "updated-to";

class Update {
  /** The hub has another build, and nobody is interrupted for it. */
  isDue = $state(false);
  #wanted = "";
  /** As it was loaded; parts that come later add themselves to the page. */
  readonly #own = typeof document === "undefined" ? "" : buildOf(document.head.outerHTML);

  /** Compares this page with the hub's. */
  async check(): Promise<void> {
    if (!this.#own) return;
    const page = await fetch("/", { cache: "no-cache", signal: within() }).then(
      (answer) => (answer.ok ? answer.text() : ""),
      () => "",
    );
    this.#wanted = buildOf(page);
    // What names no parts is no page of the app, or no answer.
    this.isDue = this.#wanted !== "" && this.#wanted !== this.#own;
    this.takeIfIdle();
  }

  /** Begins anew if that takes nothing from anybody. */
  takeIfIdle(): void {
    if (this.isDue && !isEditing() && sessionStorage.getItem(KEPT) !== this.#wanted) void this.take();
  }

  async take(): Promise<void> {
    sessionStorage.setItem(KEPT, this.#wanted);
    // The service worker must not give the former page once more.
    await dropKept(this.#wanted).catch(() => {});
    location.reload();
  }
}

async function dropKept(wanted: string): Promise<void> {
  if (!("caches" in globalThis)) return;
  for (const name of await caches.keys()) {
    const page = await (await caches.open(name)).match("/");
    if (!page || buildOf(await page.text()) !== wanted) await caches.delete(name);
  }
  const registration = await navigator.serviceWorker?.getRegistration();
  void registration?.update().catch(() => {});
}

export const update = new Update();
