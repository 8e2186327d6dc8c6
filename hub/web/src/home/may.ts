/** What each role may do with the hub itself, so that what is refused is not offered. The hub has the last word. */
import { session } from "./session.svelte";

const EVERYBODY_BUT_GUESTS = ["owner", "adult", "child", "installer"];
const GROWN_UPS = ["owner", "adult", "installer"];
const TECHNICIANS = ["owner", "installer"];
const OWNERS = ["owner"];

const ROLES = {
  see_energy: EVERYBODY_BUT_GUESTS,
  see_drivers: GROWN_UPS,
  change_network: TECHNICIANS,
  back_up: OWNERS,
  see_system: GROWN_UPS,
  see_people: ["owner", "adult"],
  set_clock: OWNERS,
  see_audit: OWNERS,
  see_events: GROWN_UPS,
  change_home: OWNERS,
  change_modes: GROWN_UPS,
  set_mode: GROWN_UPS,
  change_rooms: GROWN_UPS,
} satisfies Record<string, string[]>;

export type Ability = keyof typeof ROLES;

export function roleMay(role: string, ability: Ability): boolean {
  return ROLES[ability].includes(role);
}

/** Whether who looks may. */
export function may(ability: Ability): boolean {
  return roleMay(session.user?.role ?? "", ability);
}
