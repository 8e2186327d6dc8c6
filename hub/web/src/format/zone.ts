/** Days of the home's clocks: where they begin, in a zone whose clocks may change. */

/** A day of the calendar. */
export interface Day {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}

const HOUR = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function wall(at: number, zone: string): Record<string, number> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}

export function dayOf(at: number, zone: string): Day {
  const { year = 0, month = 0, day = 0 } = wall(at, zone);
  return { year, month, day };
}

/** The day so many days, months and years later; a day that is not there (31 April) becomes one of the next month. */
export function moved({ year, month, day }: Day, by: Partial<Day>): Day {
  const date = new Date(Date.UTC(year + (by.year ?? 0), month - 1 + (by.month ?? 0), day + (by.day ?? 0)));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 0 = Monday. */
export function weekday({ year, month, day }: Day): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** The moment at which a day begins. */
export function startOf(day: Day, zone: string): number {
  const local = Date.UTC(day.year, day.month - 1, day.day);
  let at = local;
  // Twice: the distance from UTC may be another one at the first guess.
  for (let round = 0; round < 2; round += 1) {
    const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = wall(at, zone);
    at = local - (Date.UTC(year, month - 1, date, hour, minute, second) - at);
  }
  // Where clocks go forward at midnight, the day begins at one.
  return textOf(dayOf(at, zone)) < textOf(day) ? at + HOUR : at;
}

/** `2026-11-26`. */
export function textOf({ year, month, day }: Day): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** The day of such a text; null = it is none. */
export function dayFrom(text: string | null): Day | null {
  if (!text || !/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const real = moved({ year, month, day }, {});
  return textOf(real) === text ? real : null;
}
