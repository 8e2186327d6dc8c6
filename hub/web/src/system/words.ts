/** What the numbers of the hub's health mean, in words' keys. */
import type { Alert } from "../api/words";

export type Wear = "little" | "some" | "much";

const MB = 1_000_000;
/** Up to so many bytes a day. A card of 32 GB is good for some ten terabytes, of which its own bookkeeping takes a part:
 *  300 MB a day are decades, 2 GB some years. */
const WEAR: [Wear, number][] = [
  ["little", 300 * MB],
  ["some", 2000 * MB],
];

/** What is written leads to this much in a day, or null while the hub has run too short a time to say. */
export function pace(bytes: number, seconds: number): number | null {
  const HOUR = 3600;
  // Its start writes more than its days do.
  return seconds < HOUR ? null : (bytes * 24 * HOUR) / seconds;
}

export function wear(bytesPerDay: number): Wear {
  return WEAR.find(([, most]) => bytesPerDay <= most)?.[0] ?? "much";
}

const UNITS = ["kB", "MB", "GB", "TB"];

/** `17.8 MB`. */
export function bytesText(bytes: number, locale: string): string {
  let [value, at] = [bytes / 1000, 0];
  while (value >= 999.5 && at < UNITS.length - 1) [value, at] = [value / 1000, at + 1];
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  return `${number}\u202f${UNITS[at]}`;
}

/** The two largest parts of a time that has passed. */
export function uptimeParts(seconds: number): { unit: "day" | "hour" | "minute"; count: number }[] {
  const minutes = Math.floor(seconds / 60);
  const parts = [
    { unit: "day" as const, count: Math.floor(minutes / 1440) },
    { unit: "hour" as const, count: Math.floor(minutes / 60) % 24 },
    { unit: "minute" as const, count: minutes % 60 },
  ];
  const first = parts.findIndex(({ count }) => count > 0);
  return first < 0 ? [{ unit: "minute", count: 0 }] : parts.slice(first, first + 2).filter(({ count }) => count > 0);
}

/** The device that an alert is about: its code is a word, a colon, and the device's id. */
export function deviceOf(code: string): string | null {
  const at = code.indexOf(":");
  return at < 0 ? null : code.slice(at + 1);
}

const WORST = ["error", "warning", "info"];

/** What is worst stands first, and of the same the older. */
export function worstFirst(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].sort((a, b) => WORST.indexOf(a.severity) - WORST.indexOf(b.severity));
}
