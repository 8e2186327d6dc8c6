/** What was done and can be taken back. Typing in one place counts as one step. */

const MOST = 200;
const ONE_STEP_WITHIN = 1500;

export interface History<T> {
  now: T;
  before: readonly T[];
  after: readonly T[];
  /** What the last step changed, and when: more of the same is the same step. */
  last: { what: string; at: number } | null;
}

export function begin<T>(now: T): History<T> {
  return { now, before: [], after: [], last: null };
}

/** `what` names the place; an empty one is always a step of its own. */
export function step<T>(history: History<T>, next: T, what: string, at: number): History<T> {
  const { last } = history;
  const goesOn = what !== "" && last?.what === what && at - last.at < ONE_STEP_WITHIN && history.before.length > 0;
  const before = goesOn ? history.before : [...history.before, history.now].slice(-MOST);
  return { now: next, before, after: [], last: { what, at } };
}

export function undo<T>(history: History<T>): History<T> {
  const now = history.before.at(-1);
  if (now === undefined) return history;
  return { now, before: history.before.slice(0, -1), after: [history.now, ...history.after], last: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [now, ...after] = history.after;
  if (now === undefined) return history;
  return { now, before: [...history.before, history.now], after, last: null };
}
