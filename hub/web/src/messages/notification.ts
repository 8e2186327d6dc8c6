/** A message of the hub: what it is about, and in which order messages stand. */
import type { Notification } from "../api/words";

/** What the hub tells owners and adults by itself, the worst first. */
export const BY_ITSELF = [
  { severity: "error", kinds: ["smoke", "gas", "carbon_monoxide", "water_leak"] },
  { severity: "warning", kinds: ["offline", "clock_untrusted", "storage_full", "storage_read_only", "storage_gone"] },
  { severity: "info", kinds: ["battery_low"] },
] as const;

/** Kinds of alerts that the hub tells, as a person may mute them; of rules those are told that they are about. */
export const KINDS = [...BY_ITSELF.flatMap(({ kinds }) => kinds), "rule_stopped", "rule_not_seen"] as const;

export const SEVERITIES = ["info", "warning", "error"] as const;

/** What an alert is about stands behind its kind: `battery_low:zigbee:0x1`. */
export function about({ alert }: Pick<Notification, "alert">): { kind: string; subject: string } | null {
  if (!alert) return null;
  const colon = alert.code.indexOf(":");
  return colon < 0
    ? { kind: alert.code, subject: "" }
    : { kind: alert.code.slice(0, colon), subject: alert.code.slice(colon + 1) };
}

/** Whether it still wants somebody to see to it. */
export function wantsSomebody(one: Notification): boolean {
  return one.severity === "error" && !one.acknowledged && !one.alert?.over;
}

/** What is unread first, the newest first in both. */
export function sorted(all: Notification[]): { unread: Notification[]; earlier: Notification[] } {
  const newest = [...all].sort((a, b) => b.at.localeCompare(a.at));
  return {
    unread: newest.filter(({ read_at: at }) => !at),
    earlier: newest.filter(({ read_at: at }) => at),
  };
}
