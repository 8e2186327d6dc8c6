/** Whether what the page shows is still for who looks: asked before each connection after the first. */
import { Refusal } from "../api/client";
import { PATIENCE } from "../api/early";
import type { Status, User } from "../api/words";

export type Standing = "same" | "other_hub" | "other_person";

/** What the page knows. */
interface Known {
  status: Pick<Status, "hub_id"> | null;
  own: Pick<User, "id" | "role"> | null;
}

/** No answer says nothing, and nobody loses their page for it. */
export function standing(
  known: Known,
  status: PromiseSettledResult<Pick<Status, "hub_id" | "state">>,
  own: PromiseSettledResult<Pick<User, "id" | "role">>,
): Standing {
  // Who looks is being asked already, and that answer decides.
  if (!known.own) return "same";
  if (status.status === "fulfilled") {
    // An address may be another hub's tomorrow, and a hub may be made new.
    if (known.status && status.value.hub_id !== known.status.hub_id) return "other_hub";
    if (status.value.state === "new") return "other_hub";
  }
  if (own.status === "rejected") {
    return own.reason instanceof Refusal && own.reason.status === 401 ? "other_person" : "same";
  }
  // Somebody else has logged in beside this page, or may see other things now.
  return own.value.id === known.own.id && own.value.role === known.own.role ? "same" : "other_person";
}

/** A request that a lossy network swallows must not be waited for without end. */
export function within(): AbortSignal {
  return AbortSignal.timeout(PATIENCE);
}
