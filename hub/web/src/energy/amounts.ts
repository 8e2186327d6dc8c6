/** Sums and comparisons of energy, as the hub counts it. */
import type { EnergyAmount, EnergyBucket } from "../api/words";

export interface Sum {
  /** null = nothing was measured. */
  kwh: number | null;
  /** Whether each bucket was measured. */
  whole: boolean;
}

/** What was taken until a moment; of a bucket that it lies in, the part that was over. */
export function until(buckets: EnergyBucket[], moment: number): Sum {
  let kwh: number | null = null;
  let whole = true;
  for (const bucket of buckets) {
    const [from, to] = [Date.parse(bucket.from), Date.parse(bucket.to)];
    if (from >= moment) break;
    if (typeof bucket.kwh !== "number") {
      whole = false;
      continue;
    }
    kwh = (kwh ?? 0) + bucket.kwh * Math.min(1, (moment - from) / (to - from));
  }
  return { kwh, whole };
}

/** How much more or less than before, as a share: 0.1 = a tenth more. null = there is nothing to compare with. */
export function change(now: number | null | undefined, before: number | null | undefined): number | null {
  if (typeof now !== "number" || typeof before !== "number" || before <= 0) return null;
  return now / before - 1;
}

/** Below this share a difference is none that anybody would speak of. */
export const ABOUT_EQUAL = 0.02;

/** Whether anything was measured at all. */
export function isEmpty(amounts: EnergyAmount[]): boolean {
  return amounts.every(({ kwh }) => typeof kwh !== "number");
}

/** Ends of an axis and its steps, in numbers that people read easily; at most five steps. */
export function scale(most: number): { top: number; steps: number[] } {
  if (!(most > 0)) return { top: 1, steps: [0, 1] };
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  return { top: count * step, steps: Array.from({ length: count + 1 }, (_, at) => at * step) };
}
