/** Which parts of the hub who looks may see, as the hub says it: for ways that lead there, and for who has the address. */
import { SvelteMap } from "svelte/reactivity";
import { roleMay, verdict, type Ability } from "./may";
import { session } from "./session.svelte";

/** What most people of a role may counts until the hub has answered, so that no way comes and goes at each start. */
const USUALLY = { rules: "see_rules", energy: "see_energy", history: "see_history" } as const satisfies Record<
  string,
  Ability
>;

export type SeenPart = keyof typeof USUALLY;

const said = new SvelteMap<SeenPart, boolean>();

/** Whether who looks may see it. */
export function sees(part: SeenPart): boolean {
  const role = session.user?.role ?? "";
  return role === "owner" || (said.get(part) ?? roleMay(role, USUALLY[part]));
}

/** Asks the hub; without an answer that stands which was last given. */
export async function askWhatIsSeen(): Promise<void> {
  if (session.user?.role === "owner") return;
  const ask = async (part: SeenPart) => said.set(part, (await verdict({ action: "see", part })).allowed);
  await Promise.allSettled((Object.keys(USUALLY) as SeenPart[]).map(ask));
}
