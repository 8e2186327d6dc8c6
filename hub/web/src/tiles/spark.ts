/** The line of a measured value's last day, as a path in a picture of 100 × 100. */
import type { Aggregate } from "../api/words";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The mean of an hour; `at` = milliseconds, the middle of the hour. */
export interface Mean {
  at: number;
  mean: number;
}

export function means(rows: Pick<Aggregate, "at" | "mean">[]): Mean[] {
  return rows.map(({ at, mean }) => ({ at: Date.parse(at) + HOUR / 2, mean }));
}

/**
 * Hours of which nothing is known are left out of the line. `least` = the smallest spread that is drawn from top to bottom:
 * the last digit of a thermometer is no mountain.
 */
export function path(all: Mean[], now: number, least: number): string {
  const shown = all.filter(({ at }) => at > now - DAY && at <= now + HOUR);
  if (shown.length < 2) return "";
  const values = shown.map(({ mean }) => mean);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = Math.max(high - low, least);
  const bottom = (low + high - spread) / 2;
  const x = (at: number) => (Math.min(1, (at - (now - DAY)) / DAY) * 100).toFixed(1);
  const y = (mean: number) => (100 - ((mean - bottom) / spread) * 100).toFixed(1);
  return shown
    .map(({ at, mean }, place) => {
      const before = shown[place - 1];
      return `${before && at - before.at < 1.5 * HOUR ? "L" : "M"}${x(at)} ${y(mean)}`;
    })
    .join("");
}

/** Less than this is drawn as a gentle line, not from top to bottom; of other units a tenth. */
const LEAST: Record<string, number> = { "°C": 2, "%": 10, lx: 50, ppm: 100, W: 10, "µg/m³": 10, hPa: 4 };

export function leastSpread(unit: string | null | undefined): number {
  return LEAST[unit ?? ""] ?? 0.1;
}
