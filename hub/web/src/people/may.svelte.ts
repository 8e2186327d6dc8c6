/** Whether the person who looks may do something with a part of the hub: the hub is asked, as rules of the house count too. */
import { body, hub } from "../api/client";
import { session } from "../home/session.svelte";
import type { Action } from "./permission";

export async function may(action: Action, part: string): Promise<boolean> {
  const { user } = session;
  // While an owner looks with other eyes nothing can be changed.
  if (!user || (session.viewAs.person && action !== "see")) return false;
  if (user.role === "owner") return true;
  const query = { user: user.id, action, part } as never;
  return body(hub.GET("/api/v1/can", { params: { query } })).then(
    ({ allowed }) => allowed,
    () => false,
  );
}
