/** Lengths of time: as rules write them, and in words. */
import { locale } from "../../language/language.svelte";

const UNITS: [sign: string, milliseconds: number, unit: string][] = [
  ["d", 86_400_000, "day"],
  ["h", 3_600_000, "hour"],
  ["m", 60_000, "minute"],
  ["s", 1_000, "second"],
  ["ms", 1, "millisecond"],
];

/** `1h30m`, `90s`, `00:02:30` in milliseconds; null = it is none. */
export function milliseconds(written: unknown): number | null {
  if (typeof written !== "string") return null;
  const clock = /^(\d+):(\d{2}):(\d{2})$/.exec(written.trim());
  if (clock) return ((Number(clock[1]) * 60 + Number(clock[2])) * 60 + Number(clock[3])) * 1000;
  if (!/^\s*(\d+\s*(ms|d|h|m|s)\s*)+$/.test(written)) return null;
  return [...written.matchAll(/(\d+)\s*(ms|d|h|m|s)/g)].reduce(
    (sum, [, number, sign]) => sum + Number(number) * (UNITS.find(([one]) => one === sign)?.[1] ?? 0),
    0,
  );
}

/** «1 hour 30 minutes». Of long ones the two greatest parts are enough, and of seconds none asks for their thousandths. */
export function lengthText(length: number, parts = 2): string {
  const words: string[] = [];
  let rest = Math.max(0, Math.round(length));
  if (rest >= 1000) rest -= rest % 1000;
  for (const [, size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && words.length < parts) {
      words.push(new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(count));
    }
  }
  if (words.length > 0) return words.join(" ");
  return new Intl.NumberFormat(locale(), { style: "unit", unit: "second", unitDisplay: "long" }).format(0);
}

/** A length that a rule names, in words; what is none stays as it is. */
export function durationText(written: unknown): string {
  const length = milliseconds(written);
  return length === null ? String(written) : lengthText(length, 4);
}
