/** Of one attribute of a device: what it is, what it is to become, and how one sets it. */
import { isUnderWay, wishKey, type Wish } from "../home/wishes.svelte";
import { session } from "../home/session.svelte";
import type { Part } from "./kind";

export function wishOf(device: string, part: Part): Wish | undefined {
  return session.live.wishes.get(wishKey(device, part.endpoint, part.attribute.name));
}

export function isPending(device: string, part: Part): boolean {
  return isUnderWay(wishOf(device, part));
}

/** What it is to become while that is under way, else what it is. */
export function valueOf(device: string, part: Part): unknown {
  const wish = wishOf(device, part);
  return isUnderWay(wish) ? wish?.value : part.attribute.state.value;
}

export function set(device: string, part: Part, value: unknown): Promise<void> {
  return session.command(device, part.endpoint, { [part.attribute.name]: value });
}
