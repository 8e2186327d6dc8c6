/** Which stretch of time a chart shows, and how finely the hub is asked for it. */

export interface Stretch {
  /** Milliseconds. */
  from: number;
  to: number;
  /** It ends now, and goes on with the time. */
  live: boolean;
}

export type Resolution = "raw" | "5m" | "1h" | "1d";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES = { hour: HOUR, day: DAY, week: 7 * DAY, month: 31 * DAY, year: 366 * DAY } as const;
export type Range = keyof typeof RANGES;

export function lately(range: Range, now: number): Stretch {
  return { from: now - RANGES[range], to: now, live: true };
}

/** The longest stretch for which each resolution has few enough points to be drawn. */
const FINEST: [longest: number, resolution: Resolution][] = [
  [6 * HOUR, "raw"],
  [2 * DAY, "5m"],
  [40 * DAY, "1h"],
];
const COARSEST: Resolution = "1d";

/** What is summed up for numbers; all else has no mean. */
export function resolution(kind: string, { from, to }: Stretch): Resolution {
  if (kind !== "number") return "raw";
  return FINEST.find(([longest]) => to - from <= longest)?.[1] ?? COARSEST;
}

/** The length of what one point of a resolution stands for. */
export const LENGTH: Record<Resolution, number> = { raw: 0, "5m": 5 * MINUTE, "1h": HOUR, "1d": DAY };

const SHORTEST = MINUTE;

/** Nearer or farther, about the middle; by a share of its length earlier or later. Never beyond now. */
export function changed(stretch: Stretch, change: { by?: number; times?: number }, now: number): Stretch {
  const length = Math.max(SHORTEST, (stretch.to - stretch.from) * (change.times ?? 1));
  const middle = (stretch.from + stretch.to) / 2 + (change.by ?? 0) * (stretch.to - stretch.from);
  const to = Math.min(now, middle + length / 2);
  return { from: to - length, to, live: false };
}
