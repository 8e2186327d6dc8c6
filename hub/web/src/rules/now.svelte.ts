/** The time for texts such as «5 minutes ago», which go on while they are looked at. */
import { createSubscriber } from "svelte/reactivity";

const EVERY = 30_000;

const tell = createSubscriber((update) => {
  const timer = setInterval(update, EVERY);
  return () => clearInterval(timer);
});

export function now(): number {
  tell();
  return Date.now();
}
