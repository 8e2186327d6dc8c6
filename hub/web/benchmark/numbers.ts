/** Measured numbers in words. */
const percentile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

export function summary(numbers: number[]): string {
  const all = [...numbers].sort((a, b) => a - b);
  return `p50 ${percentile(all, 0.5).toFixed(0)} ms, p95 ${percentile(all, 0.95).toFixed(0)} ms, most ${(all.at(-1) ?? NaN).toFixed(0)} ms, of ${all.length}`;
}

export function median(numbers: number[]): number {
  return percentile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );
}
