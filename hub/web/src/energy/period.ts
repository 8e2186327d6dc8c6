/** The stretches of time that the energy page shows: a day by hours, a week or month by days, a year by months. */
import { dayOf, moved, startOf, weekday, type Day } from "../format/zone";

export type Period = "day" | "week" | "month" | "year";

interface Kind {
  /** The buckets that are shown. */
  resolution: "hour" | "day" | "month";
  /** Finer ones, of which «until this time» is made. */
  finer: "hour" | "day";
  step: Partial<Day>;
  first: (day: Day) => Day;
}

const KINDS: Record<Period, Kind> = {
  day: { resolution: "hour", finer: "hour", step: { day: 1 }, first: (day) => day },
  week: { resolution: "day", finer: "hour", step: { day: 7 }, first: (day) => moved(day, { day: -weekday(day) }) },
  month: { resolution: "day", finer: "hour", step: { month: 1 }, first: (day) => ({ ...day, day: 1 }) },
  year: { resolution: "month", finer: "day", step: { year: 1 }, first: (day) => ({ ...day, month: 1, day: 1 }) },
};

export const periods = Object.keys(KINDS) as Period[];

/** A period in time: `to` is excluded. */
export interface Stretch {
  period: Period;
  first: Day;
  from: number;
  to: number;
  resolution: Kind["resolution"];
  finer: Kind["finer"];
}

/** The period that a day lies in, or one `by` periods later. */
export function stretch(period: Period, day: Day, zone: string, by = 0): Stretch {
  const { resolution, finer, step, first: begin } = KINDS[period];
  const first = moved(begin(day), times(step, by));
  return { period, first, from: startOf(first, zone), to: startOf(moved(first, step), zone), resolution, finer };
}

function times(step: Partial<Day>, by: number): Partial<Day> {
  return Object.fromEntries(Object.entries(step).map(([unit, count]) => [unit, (count ?? 0) * by]));
}

/** Whether it is not over yet. */
export function isUnderWay({ from, to }: Stretch, now: number): boolean {
  return from <= now && now < to;
}

/** Whether all of it is still to come. */
export function isAhead({ from }: Stretch, now: number): boolean {
  return from > now;
}

export function today(now: number, zone: string): Day {
  return dayOf(now, zone);
}
