/** What who looks may do, so that what is refused is not offered: by their role where that says it all, else as the hub
 *  says, whose rules of the house count too. The hub has the last word. */
import { body, hub } from "../api/client";
import type { Verdict } from "../api/words";
import { session } from "./session.svelte";

const EVERYBODY_BUT_GUESTS = ["owner", "adult", "child", "installer"];
const GROWN_UPS = ["owner", "adult", "installer"];
const TECHNICIANS = ["owner", "installer"];
const OWNERS_AND_ADULTS = ["owner", "adult"];
const OWNERS = ["owner"];

const ROLES = {
  see_energy: EVERYBODY_BUT_GUESTS,
  see_rules: EVERYBODY_BUT_GUESTS,
  see_history: EVERYBODY_BUT_GUESTS,
  see_drivers: GROWN_UPS,
  change_network: TECHNICIANS,
  back_up: OWNERS,
  see_system: GROWN_UPS,
  see_people: OWNERS_AND_ADULTS,
  answer_requests: OWNERS_AND_ADULTS,
  set_clock: OWNERS,
  see_audit: OWNERS,
  see_events: GROWN_UPS,
  change_home: OWNERS,
  change_modes: GROWN_UPS,
  set_mode: GROWN_UPS,
  change_rooms: GROWN_UPS,
  pair: TECHNICIANS,
  change_rules: OWNERS_AND_ADULTS,
} satisfies Record<string, string[]>;

export type Ability = keyof typeof ROLES;

export function roleMay(role: string, ability: Ability): boolean {
  return ROLES[ability].includes(role);
}

/** Whether who looks may. */
export function may(ability: Ability): boolean {
  return roleMay(session.user?.role ?? "", ability);
}

/** Something that the hub is asked about; who asks may ask about themselves always. */
export interface Asked {
  action: "see" | "control" | "configure";
  device?: string;
  part?: string;
  attribute?: string;
}

/** What the hub says to it, with its reasons. */
export function verdict(query: Asked): Promise<Verdict> {
  return body(hub.GET("/api/v1/can", { params: { query } }));
}

/** Whether who looks may do something with a part of the hub; where it does not answer, they may not. */
export async function mayPart(action: Asked["action"], part: string): Promise<boolean> {
  // While an owner looks with other eyes nothing can be changed.
  if (!session.user || (session.viewAs.person && action !== "see")) return false;
  if (session.user.role === "owner") return true;
  return verdict({ action, part }).then(
    ({ allowed }) => allowed,
    () => false,
  );
}
