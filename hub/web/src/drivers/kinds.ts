/** What a driver can do beside speaking with devices, as the hub says it. */
import type { Driver } from "../api/words";

export type Ability =
  "include" | "exclude" | "replace" | "provision" | "groups" | "network" | "routes" | "backup" | "restart";

export function can(driver: Pick<Driver, "abilities"> | undefined, ability: Ability): boolean {
  return driver?.abilities.includes(ability) ?? false;
}
