/** Scenes that do nothing for who looks. */
import type { Scene, Verdict } from "../api/words";
import { refused } from "../home/refused.svelte";
import { session } from "../home/session.svelte";
import { endpointOf } from "./states";

/** Why not: scenes are not for them, or each device of this one refuses it. Null = it does something. */
export function refusalOf({ states }: Pick<Scene, "states">): Verdict | null {
  const whole = refused.part("scenes");
  if (whole) return whole;
  const each = states.flatMap((state) => {
    const endpoint = endpointOf(session.live.devices.get(state.device), state)?.id ?? state.endpoint ?? 0;
    return Object.keys(state.set).map((attribute) => refused.of(state.device, endpoint, attribute));
  });
  return each.every((verdict) => verdict !== null) ? (each[0] ?? null) : null;
}
