/** The time, as something that pages can depend on: what is shown as «5 minutes ago» goes on by itself. */
import { createSubscriber } from "svelte/reactivity";

const EVERY = 10_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, EVERY);
  return () => clearInterval(timer);
});

/** Milliseconds, as `Date.now()`, anew every ten seconds. */
export function now(): number {
  subscribe();
  return Date.now();
}
