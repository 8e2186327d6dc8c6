/** A module of its own: the service worker is one file, and shares none with the app. */

/** Where a press on a push message goes: only to places of this app. */
export function placeOf(message: { id?: unknown; url?: unknown }, origin: string): string {
  if (typeof message.url === "string") {
    try {
      const url = new URL(message.url, origin);
      if (url.origin === origin) return url.pathname + url.search;
    } catch {
      // No address: the list of messages tells more.
    }
  }
  return typeof message.id === "string" ? `/messages?id=${encodeURIComponent(message.id)}` : "/messages";
}
