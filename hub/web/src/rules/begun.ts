/**
 * Rules that somebody has begun to write, on this device until they are saved or thrown away: a phone drops pages, and
 * sessions end. One for each rule and one that is new, of one account only; nothing is left where somebody logs out.
 */
import { IN } from "../api/early";
import type { Json } from "./path";

export interface Begun {
  user: string;
  /** Of which rule; null = of a new one. */
  rule: string | null;
  /** What was changed, and its version; null = it was saved nowhere. */
  base: Json;
  tag: string | null;
  document: Json;
  /** What stood in the text; `broken` = it says nothing that could be saved. */
  text: string;
  broken: boolean;
  at: number;
}

const KEPT = "begun-rules";
const MOST = 10;
const OLDEST = 14 * 24 * 3_600_000;

/** The newest first. */
function all(): Begun[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Begun[];
    return kept.filter(({ at }) => at > Date.now() - OLDEST);
  } catch {
    return [];
  }
}

function put(kept: Begun[]): void {
  if (kept.length === 0) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, JSON.stringify(kept.slice(0, MOST)));
}

/** What this person had begun. */
export function begunOf(user: string, rule: string | null): Begun | null {
  return all().find((one) => one.user === user && one.rule === rule) ?? null;
}

/** Keeps it in the place of what was kept of the same rule; false = this browser does not take it. */
export function keepBegun(begun: Begun): boolean {
  // Another tab has logged out: a page that is about to close leaves nothing behind.
  if (localStorage.getItem(IN) === null) return true;
  try {
    put([begun, ...all().filter((one) => one.user === begun.user && one.rule !== begun.rule)]);
    return true;
  } catch {
    return false;
  }
}

/** It was saved, or thrown away. */
export function forgetBegun(rule: string | null): void {
  put(all().filter((one) => one.rule !== rule));
}

export function forgetAllBegun(): void {
  localStorage.removeItem(KEPT);
}

/** Who has logged in where somebody else's session ended by itself is not shown what that one had begun. */
export function forgetBegunOfOthers(user: string): void {
  if (localStorage.getItem(KEPT) !== null) put(all().filter((one) => one.user === user));
}
