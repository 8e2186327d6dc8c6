/**
 * Whether a rule that is to limit somebody limits anything. Rules only allow, and add up: where another rule allows the same
 * at any time, a limit holds nobody back, and who set it believes that it does.
 */
import type { Device, PermissionRule } from "../api/words";
import { isConditional, tidied, typesOf } from "./permission";

/** What no rule means that does not name it. */
const PROTECTED = ["lock", "garage_door", "alarm", "camera", "valve"];

const meet = (some: readonly string[] | null | undefined, others: readonly string[] | null | undefined) =>
  !some?.length || !others?.length || some.some((one) => others.includes(one));

/** Whether a rule is about a device: all that it names must fit. */
function fits({ what }: PermissionRule, device: Device): boolean {
  const types = typesOf(device);
  const isNamed = what?.devices?.includes(device.id) || what?.types?.some((type) => types.includes(type));
  const isAllowed = isNamed || !types.some((type) => PROTECTED.includes(type));
  const isOnlyParts = what?.parts?.length && !what.devices?.length && !what.types?.length && !what.areas?.length;
  if (isOnlyParts || !isAllowed) return false;
  if (what?.devices?.length && !what.devices.includes(device.id)) return false;
  if (what?.types?.length && !what.types.some((type) => types.includes(type))) return false;
  return !what?.areas?.length || what.areas.includes(device.area ?? "");
}

/** What a limit is about: who limits the use of a lamp lets it be seen. */
const acts = (allow: string[]) => {
  const more = allow.filter((action) => action !== "see");
  return more.length > 0 ? more : allow;
};

/**
 * The rules, of those that hold for the same people, beside which this one changes nothing: they go past its conditions, or
 * allow all that it allows.
 */
export function outdoing(rule: PermissionRule, others: PermissionRule[], devices: Device[]): PermissionRule[] {
  const limits = isConditional(rule);
  const actions = acts(rule.allow);
  const about = devices.filter((device) => fits(rule, device));
  return others.filter((other) => {
    if (isConditional(other) || (rule.id && other.id === rule.id)) return false;
    const isAllowed = (action: string) => other.allow.includes(action);
    if (!(limits ? actions.some(isAllowed) : actions.every(isAllowed))) return false;
    if (rule.what?.parts?.some((part) => other.what?.parts?.includes(part))) return true;
    if (!meet(rule.what?.capabilities, other.what?.capabilities) || about.length === 0) return false;
    const isFit = (device: Device) => fits(other, device);
    return limits ? about.some(isFit) : about.every(isFit);
  });
}

/** What of a role's rules is to be written for somebody, so that they lose only what goes past a limit. */
export function kept(
  readyMade: PermissionRule[],
  without: PermissionRule[],
  who: PermissionRule["who"],
): PermissionRule[] {
  return readyMade
    .filter(({ id }) => !without.some((one) => one.id === id))
    .map(({ id: _, note: __, ...rule }) => tidied({ ...rule, who }));
}
