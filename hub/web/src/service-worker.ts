/// <reference lib="webworker" />
/**
 * Keeps the app itself for when the hub does not answer, and shows messages that come while no page is open. What is
 * asked of the API is never kept: an old state of a lock would be worse than none.
 */
import { placeOf } from "./messages/place";

declare const self: ServiceWorkerGlobalScope;

const SHELL = "shell";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add("/")));
  void self.skipWaiting();
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && !pathname.startsWith("/certificate")) event.respondWith(page(request));
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

/** The newest page there is, under whatever address the app has. */
async function page(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && fresh.headers.get("content-type")?.startsWith("text/html")) await cache.put("/", fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match("/");
    if (kept) return kept;
    throw error;
  }
}

/** Parts of the app never change under their name. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

export {};
