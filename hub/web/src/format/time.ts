/** Times in words, in the person's language. */
import { locale } from "../language/language.svelte";

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago, or how far ahead: «5 minutes ago». */
export function ago(at: string | number | Date, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, "second");
}

/** Day and time of day. */
export function moment(at: string | number | Date, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", ...zone(timeZone) }).format(
    new Date(at),
  );
}

/** The same as one says it of the last days: «Friday 14:05». */
export function lately(at: number, now: number): string {
  // A day of the week further back would be taken for the next one.
  if (now - at > 6 * 86_400_000) return moment(at);
  return new Intl.DateTimeFormat(locale(), { weekday: "long", hour: "numeric", minute: "2-digit" }).format(at);
}

/** Time of day with seconds. */
export function timeOfDay(at: string | number | Date, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "medium", ...zone(timeZone) }).format(new Date(at));
}

function zone(timeZone: string | undefined) {
  return timeZone ? { timeZone } : {};
}
