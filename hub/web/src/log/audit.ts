/** The audit log's words, in groups by which people look for them. */
import type { AuditEntry } from "../api/words";

export type Group = "access" | "people" | "devices" | "rules" | "home";

const GROUPS: Record<Group, string[]> = {
  access: [
    "invitation_accepted",
    "login",
    "login_failed",
    "logout",
    "password_changed",
    "password_reset",
    "pin_failed",
    "recovery",
    "recovery_codes_renewed",
    "second_factor_added",
    "second_factor_removed",
    "session_ended",
    "setup",
    "token_made",
    "token_removed",
  ],
  people: [
    "approval_answered",
    "approval_taken_back",
    "permission_changed",
    "user_added",
    "user_changed",
    "user_removed",
  ],
  devices: [
    "device_changed",
    "device_removed",
    "device_replaced",
    "driver_backed_up",
    "driver_restarted",
    "driver_restored",
    "firmware_installed",
    "pairing",
    "provisioning_changed",
  ],
  rules: ["rule_removed", "rule_saved", "scene_removed", "scene_saved"],
  home: ["area_removed", "area_saved", "clock_set", "home_changed"],
};

export const groups = Object.keys(GROUPS) as Group[];

export function groupOf(action: string): Group {
  return groups.find((group) => GROUPS[group].includes(action)) ?? "home";
}

export interface Filter {
  /** The id of an account; empty = all. */
  who: string;
  group: Group | "";
}

export function filtered(entries: AuditEntry[], { who, group }: Filter): AuditEntry[] {
  return entries.filter(
    (entry) => (who === "" || entry.who === who) && (group === "" || groupOf(entry.action) === group),
  );
}

/** Everybody who has done something in these entries, each once. */
export function people(entries: AuditEntry[]): { who: string; name: string | null }[] {
  const found = new Map(entries.map((entry) => [entry.who, entry.name ?? null]));
  return [...found].map(([who, name]) => ({ who, name }));
}
