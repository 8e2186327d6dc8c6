/** What the hub says who may, and by which rules. It is asked for each device: nothing of it is guessed here. */
import { SvelteMap } from "svelte/reactivity";
import { body, hub } from "../api/client";
import type { PermissionRule, Permissions, Verdict } from "../api/words";
import { session } from "../home/session.svelte";
import { ACTIONS, type Action, type Names, type Verdicts } from "./permission";
import { outdoing } from "./outdone";
import { known, personName } from "./people.svelte";
import { roleName } from "./words";

class Rules {
  all = $state<Permissions | null>(null);
  /** Rises with each change: what was answered before is asked again. */
  version = $state(0);
}

const rules = new Rules();
/** With the version of the rules that was asked; what is older stands until the new answer is there. */
const verdicts = new SvelteMap<string, { verdict: Verdict; version: number }>();

export const names: Names = {
  person: personName,
  device: (id) => session.live.devices.get(id)?.name ?? id,
  area: (id) => session.live.areas.get(id)?.name ?? id,
  role: roleName,
};

export function permissions(): Permissions | null {
  return rules.all;
}

export function permissionsVersion(): number {
  return rules.version;
}

export async function readPermissions(): Promise<void> {
  rules.all = await body(hub.GET("/api/v1/permissions"));
  rules.version += 1;
}

export function ruleOf(id: string | null | undefined): PermissionRule | undefined {
  if (!id || !rules.all) return undefined;
  return [...rules.all.items, ...rules.all.ready_made].find((rule) => rule.id === id);
}

export function isReadyMade(rule: PermissionRule): boolean {
  return rules.all?.ready_made.some(({ id }) => id === rule.id) ?? false;
}

/** Whether what a person or role comes with is in force; a word for the person goes before one for the role. */
export function hasReadyMade(role: string, person?: string): boolean {
  const choices = rules.all?.choices ?? [];
  const own = person ? choices.find(({ who }) => who.person === person) : undefined;
  return (own ?? choices.find(({ who }) => who.role === role))?.ready_made ?? true;
}

const roleOf = (who: PermissionRule["who"]) =>
  who.role ?? known().find(({ id }) => id === who.person)?.user?.role ?? "";

/** What somebody's role comes with, as far as it is in force for them. */
export function readyMadeFor(who: PermissionRule["who"]): PermissionRule[] {
  const role = roleOf(who);
  if (!hasReadyMade(role, who.person ?? undefined)) return [];
  return (rules.all?.ready_made ?? []).filter((rule) => rule.who.role === role);
}

/** The rules beside which one changes nothing. */
export function outdoingOf(rule: PermissionRule): PermissionRule[] {
  const role = roleOf(rule.who);
  const own = (rules.all?.items ?? []).filter(({ who }) =>
    who.person ? who.person === rule.who.person : who.role === role,
  );
  return outdoing(rule, [...own, ...readyMadeFor(rule.who)], [...session.live.devices.values()]);
}

/** Switches what a person or role comes with off, or on again. */
export async function setReadyMade(who: PermissionRule["who"], on: boolean): Promise<void> {
  await hub.PUT("/api/v1/permissions/ready-made", { body: { who, ready_made: on } });
}

/**
 * A device with the attribute that stands for using it (null = there is nothing to use) and what it is alike to, or a part
 * of the hub.
 */
export type Thing = { device: string; use: string | null; like: string } | { part: string };

const key = (person: string, thing: Thing, action: Action) =>
  JSON.stringify([person, "part" in thing ? thing.part : thing.like, action]);

/** Of what nobody can use there is no question. */
const NOTHING: Verdict = { allowed: false, approvable: false, pin: false, reasons: [] };
const isUseless = (thing: Thing) => ("device" in thing ? thing.use === null : thing.part === "home");
const MAY: Verdict = { allowed: true, approvable: false, pin: false, reasons: [], rule: "owner" };

/** What is known; null = not asked yet. */
export function verdictsOf(person: string, role: string, thing: Thing): Verdicts | null {
  // «This cannot be taken away»: there is nothing to be asked.
  if (role === "owner") return { see: MAY, control: MAY, configure: MAY };
  const [see, asked, configure] = ACTIONS.map((action) => verdicts.get(key(person, thing, action))?.verdict);
  const control = isUseless(thing) ? NOTHING : asked;
  return see && control && configure ? { see, control, configure } : null;
}

/** As many questions at a time as a browser sends at once anyway. */
const AT_ONCE = 6;

/** Asks the hub for what is not known yet of these people and things. */
export async function ask(people: { id: string; role: string }[], things: Thing[]): Promise<void> {
  const version = rules.version;
  const open = people
    .filter(({ role }) => role !== "owner")
    .flatMap(({ id }) => things.flatMap((thing) => ACTIONS.map((action) => ({ id, thing, action }))))
    .filter(({ thing, action }) => action !== "control" || !isUseless(thing))
    .filter(({ id, thing, action }) => verdicts.get(key(id, thing, action))?.version !== version);
  // Of devices that are alike one is asked for.
  const asked = new Set<string>();
  const next = async (): Promise<void> => {
    for (let one = open.shift(); one && version === rules.version; one = open.shift()) {
      const name = key(one.id, one.thing, one.action);
      if (asked.has(name)) continue;
      asked.add(name);
      const { id, thing, action } = one;
      // Without an attribute the hub would answer for whatever the device has, its blinking on request too.
      const what =
        "part" in thing
          ? thing
          : { device: thing.device, ...(action === "control" && thing.use && { attribute: thing.use }) };
      const query = { user: id, action, ...what };
      const verdict = await body(hub.GET("/api/v1/can", { params: { query: query as never } })).catch(() => null);
      if (verdict && version === rules.version) verdicts.set(name, { verdict, version });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}
