/// <reference lib="webworker" />
/**
 * Keeps the app itself for when the hub does not answer, and shows messages that come while no page is open. What is
 * asked of the API is never kept: an old state of a lock would be worse than none.
 */
import { firstOf, isOfBuild, isOfTheApp, PATIENCE } from "./shell/kept";
import { placeOf } from "./messages/place";

declare const self: ServiceWorkerGlobalScope;

/** Put in by the build: which one it is, and what its first view needs. */
declare const __BUILD__: string;
declare const __SHELL__: string[];

/** One for each build, and only the present one stays. */
const SHELL = `shell-${__BUILD__}`;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
  void self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const former = async () => {
    for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
  };
  event.waitUntil(Promise.all([former(), self.clients.claim()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && isOfTheApp(pathname)) event.respondWith(page(event));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

/** A message as the hub sends it (RFC 8291; only this browser can read it). */
interface Pushed {
  title?: string;
  body?: string;
  severity?: "info" | "warning" | "critical";
  id?: string;
  url?: string;
}

self.addEventListener("push", (event) => {
  let pushed: Pushed = {};
  try {
    pushed = (event.data?.json() ?? {}) as Pushed;
  } catch {
    // Browsers want something to be shown for each message, whatever came.
  }
  const { title = "Hearth", body = "", severity, id } = pushed;
  const shown = self.registration.showNotification(title, {
    body,
    icon: "/icon-192.png",
    badge: "/icon-192.png",
    ...(id && { tag: id }),
    requireInteraction: severity === "critical",
    data: placeOf(pushed, location.origin),
  });
  event.waitUntil(shown);
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const place = typeof event.notification.data === "string" ? event.notification.data : "/messages";
  event.waitUntil(open(place));
});

/** A page that is open already goes there; else a new one is opened. */
async function open(place: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ visibilityState }) => visibilityState === "visible") ?? pages[0];
  try {
    const there = await page?.navigate(place);
    if (there) {
      await there.focus();
      return;
    }
  } catch {
    // A page that this worker does not control cannot be sent anywhere.
  }
  await self.clients.openWindow(place);
}

/** All or nothing: a page without its parts would show nothing at all. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL);
  const anew = await fetch("/", { cache: "no-cache" });
  const html = await anew.clone().text();
  // The hub may have been updated in between; then the next worker is on its way.
  if (!anew.ok || !isOfBuild(html, __SHELL__)) throw new Error("the page is of another build");
  await cache.addAll(__SHELL__);
  await cache.put("/", anew);
}

/** The newest page there is, under whatever address the app has. */
async function page(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match("/");
  const fresh = fetch(event.request);
  // It may come too late for this time.
  event.waitUntil(fresh.then((answer) => heedUpdate(answer.clone(), kept?.clone())).catch(() => {}));
  return firstOf(fresh, kept ?? null, PATIENCE);
}

/** Another page than the kept one is of another build, which brings a worker of its own. */
async function heedUpdate(fresh: Response, kept: Response | undefined): Promise<void> {
  if (!fresh.ok || !kept || !fresh.headers.get("content-type")?.startsWith("text/html")) return;
  if ((await fresh.text()) !== (await kept.text())) await self.registration.update();
}

/** Parts of the app never change under their name. */
async function asset(request: Request): Promise<Response> {
  // Of whichever build: it may be a page of the former one that asks.
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await (await caches.open(SHELL)).put(request, fresh.clone());
  return fresh;
}

export {};
