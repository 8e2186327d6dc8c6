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

/** Subscribes this browser with the hub's key. Throws where the person or the browser does not want it. */
export async function subscribe(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration) throw new Error("no service worker");
  const { key } = await body(hub.GET("/api/v1/push-key"));
  // One that was made with another key of the hub is of no use any more.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const channel = { ...subscription.toJSON(), kind: "web_push", name: browserName(navigator.userAgent) };
  await hub.POST("/api/v1/users/me/channels", { body: channel as never });
}
