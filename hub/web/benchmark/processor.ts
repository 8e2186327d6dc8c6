/**
 * How much this machine is slowed down to stand for a phone of the middle class.
 *
 * Lighthouse measures each machine by a loop, its BenchmarkIndex, and takes a factor of four as right for a machine of about
 * 1,500 (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md, «Calibrating the CPU slowdown»): desks have
 * 1,000 to 2,000, phones of the middle class 125 to 800. For other machines its authors give a calculator
 * (https://lighthouse-cpu-throttling-calculator.vercel.app), whose line is the one below: it leads from every index to one of
 * 330 to 430. The same on every machine, so that nobody chooses; what was measured and what came of it are printed.
 */
import type { Page } from "@playwright/test";

/** Where the calculator's line bends: at this index the factor is that. Beyond the ends it goes on as it came. */
const LINE: [index: number, factor: number][] = [
  [150, 1],
  [800, 2],
  [1300, 3],
  [1999, 6],
];

export function slowdownFor(index: number): number {
  const next = LINE.findIndex(([at]) => index < at);
  const upper = next === -1 ? LINE.length - 1 : Math.max(1, next);
  const [[from, low], [to, high]] = [LINE[upper - 1]!, LINE[upper]!];
  return Math.max(1, low + ((index - from) / (to - from)) * (high - low));
}

/** The same two loops as Lighthouse's: texts that grow, which busies the memory, and lists that are copied, which does not. */
function measure(): number {
  const LENGTH = 500;
  const rate = (work: () => void) => {
    const begin = performance.now();
    let rounds = 0;
    for (; performance.now() - begin < LENGTH || rounds % 10 !== 0; rounds += 1) work();
    return rounds / 10 / ((performance.now() - begin) / 1000);
  };
  const texts = rate(() => {
    let text = "";
    for (let at = 0; at < 10_000; at += 1) text += "a";
    if (text.length === 1) throw new Error("never; it keeps the compiler from leaving the loop out");
  });
  let [source, target] = [0, 1].map(() => Array.from({ length: 100_000 }, (_, at) => at)) as [number[], number[]];
  const lists = rate(() => {
    for (let at = 0; at < source.length; at += 1) target[at] = source[at]!;
    [source, target] = [target, source];
  });
  return (texts + lists) / 2;
}

/**
 * The index of this machine, in this browser: the best of five rounds, because whatever else it does at the same time makes
 * it look slower than it is, and the factor smaller.
 */
export async function processorIndex(page: Page): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < 5; round += 1) found.push(await page.evaluate(measure));
  return Math.round(Math.max(...found));
}

/** Less than the slowest desks have: the machine is busy, or no machine to measure on. */
export const TOO_SLOW = 800;
