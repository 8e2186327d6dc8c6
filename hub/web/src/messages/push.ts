/** Messages to this browser while no page is open. */
import { body, hub } from "../api/client";

/** Why this browser cannot be told; null = it can. */
export function pushObstacle(): "insecure" | "unsupported" | "denied" | null {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window))
    return "unsupported";
  return Notification.permission === "denied" ? "denied" : null;
}

/** What people call this browser. */
export function browserName(agent: string): string {
  const tables: [sign: RegExp, name: string][][] = [
    [
      [/Edg\//, "Edge"],
      [/OPR\//, "Opera"],
      [/Firefox\//, "Firefox"],
      [/Chrome\//, "Chrome"],
      [/Safari\//, "Safari"],
    ],
    [
      [/iPhone/, "iPhone"],
      [/iPad/, "iPad"],
      [/Android/, "Android"],
      [/Windows/, "Windows"],
      [/Mac OS X/, "Mac"],
      [/Linux/, "Linux"],
    ],
  ];
  return tables.flatMap((table) => table.find(([sign]) => sign.test(agent))?.[1] ?? []).join(", ") || "Browser";
}

/** Where this browser remembers whose messages it is sent, and by which channel of theirs. */
const KEPT = "push";

interface Kept {
  user: string;
  channel: string;
}

/** What was kept, or null where it cannot be read. */
export function keptOf(text: string | null): Kept | null {
  try {
    const { user, channel } = JSON.parse(text ?? "") as Partial<Kept>;
    return typeof user === "string" && typeof channel === "string" ? { user, channel } : null;
  } catch {
    return null;
  }
}

/** Subscribes this browser with the hub's key. Throws where the person or the browser does not want it. */
export async function subscribe(user: string): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration) throw new Error("no service worker");
  const { key } = await body(hub.GET("/api/v1/push-key"));
  // One that was made with another key of the hub is of no use any more.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const channel = { ...subscription.toJSON(), kind: "web_push", name: browserName(navigator.userAgent) };
  const { id } = await body(hub.POST("/api/v1/users/me/channels", { body: channel as never }));
  localStorage.setItem(KEPT, JSON.stringify({ user, channel: id } satisfies Kept));
}

/** At the hub; while the session that may do it goes on. */
export async function removeChannel(): Promise<void> {
  const kept = keptOf(localStorage.getItem(KEPT));
  // By the browser's own means: it is the person's own, with whosever eyes they look.
  if (kept) await fetch(`/api/v1/users/me/channels/${encodeURIComponent(kept.channel)}`, { method: "DELETE" });
}

/** In the browser: whoever sends to it from now on is told that it is gone. */
export async function unsubscribe(): Promise<void> {
  localStorage.removeItem(KEPT);
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}

/** Who has logged in where somebody else's session ended by itself is not shown the messages of that one. */
export function forgetPushOfOthers(user: string): void {
  const kept = keptOf(localStorage.getItem(KEPT));
  if (kept && kept.user !== user) void unsubscribe().catch(() => {});
}
