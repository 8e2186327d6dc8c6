/** What became of what a child asked for: in words, and as far as it changes what is said of a thing. */
import type { Approval } from "../api/words";
import { now } from "../format/now.svelte";
import { timeOfDay } from "../format/time";
import { session } from "../home/session.svelte";
import { t, tOr } from "../language/language.svelte";
import { approvals } from "../messages/told.svelte";
import type { Part } from "../tiles/kind";
import { outcome, type Outcome } from "../tiles/outcome";
import { wishOf } from "../tiles/wish";
import { isAllowed, ownAt, standing } from "./approval";

export function stateText({ state, until, by_name: name }: Approval): string {
  const at = timeOfDay(until, session.live.home?.time_zone);
  const own = tOr(`approval.state.${state}`, state, { at });
  if (!name) return own;
  return state === "waiting" ? t("approval.state.waiting") : tOr(`approval.by.${state}`, own, { name, at });
}

const placeOf = (device: string, { endpoint, attribute }: Part) => ({
  person: session.user?.id ?? "",
  device,
  endpoint,
  attribute: attribute.name,
});

/** What the person asked for here that is not over. */
export function askedAt(device: string, part: Part): Approval | null {
  const all = approvals();
  return all.length > 0 ? ownAt(all, placeOf(device, part), now()) : null;
}

/** What is said of the last wish. A refusal that an adult has lifted is none any more. */
export function spoken(device: string, part: Part): Outcome | null {
  const wish = wishOf(device, part);
  if (wish?.status !== "failed" || !wish.helps?.approval) return outcome(wish);
  const asked = standing(approvals(), { ...placeOf(device, part), value: wish.value }, now());
  return asked && isAllowed(asked) ? null : outcome(wish);
}
