/** Of what children ask for: which question still counts for what somebody wants now, and where it would be done. */
import type { Approval, Device } from "../api/words";

export interface Wanted {
  person: string;
  device: string;
  endpoint: number;
  attribute: string;
  value: unknown;
}

export function isOver({ until }: Pick<Approval, "until">, now: number): boolean {
  return Date.parse(until) <= now;
}

export function isAllowed({ state }: Pick<Approval, "state">): boolean {
  return state.startsWith("allowed");
}

/** The person's own question about this that is not over; one without an endpoint is for any. */
export function standing(approvals: readonly Approval[], wanted: Wanted, now: number): Approval | null {
  const own = approvals.filter((one) => isAt(one, wanted, now));
  const reaches = (one: Approval) => one.state === "allowed_for_an_hour" || isSame(one.value, wanted.value);
  // What is allowed counts before what waits, and that before a no.
  const order = ["allowed_for_an_hour", "allowed_once", "waiting", "refused"];
  return own.filter(reaches).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0] ?? null;
}

/** What the person asked for at this place, whatever the value; the newest. */
export function ownAt(approvals: readonly Approval[], wanted: Omit<Wanted, "value">, now: number): Approval | null {
  const own = approvals.filter((one) => isAt(one, wanted, now));
  return own.sort((a, b) => Number(b.id) - Number(a.id))[0] ?? null;
}

function isAt(one: Approval, wanted: Omit<Wanted, "value">, now: number): boolean {
  return (
    one.person === wanted.person &&
    one.device === wanted.device &&
    (one.endpoint ?? wanted.endpoint) === wanted.endpoint &&
    one.attribute === wanted.attribute &&
    !isOver(one, now)
  );
}

/** Who asked without a value asked for any. */
function isSame(asked: unknown, wanted: unknown): boolean {
  return asked === null || asked === undefined || JSON.stringify(asked) === JSON.stringify(wanted);
}

export interface AskedPlace {
  endpoint: number;
  label: string | null;
}

/** Where it may be done: for a question without an endpoint wherever the device has the attribute. */
export function placesOf(
  device: Device | undefined,
  { attribute, endpoint }: Pick<Approval, "attribute" | "endpoint">,
): AskedPlace[] {
  return (device?.endpoints ?? [])
    .filter(({ id, attributes }) => (endpoint ?? id) === id && attributes.some(({ name }) => name === attribute))
    .map(({ id, label }) => ({ endpoint: id, label: label ?? null }));
}

/** The part of a device that is meant, where it has the attribute in several. */
export function partOf(device: Device | undefined, asked: Pick<Approval, "attribute" | "endpoint">): AskedPlace | null {
  const [place, ...more] = placesOf(device, asked);
  const isOneOfMany = placesOf(device, { ...asked, endpoint: null }).length > 1;
  return place && more.length === 0 && isOneOfMany ? place : null;
}
