/** Buckets of energy as the bars of a picture and the rows of a table, with words for their times. */
import type { EnergyBucket } from "../api/words";
import type { Period, Stretch } from "./period";

export interface Bar {
  /** Below the bar. */
  label: string;
  /** In words, of which time it is. */
  title: string;
  value: number | null;
  cost: number | null;
  /** That of the period before at the same place; null = not measured. */
  before: number | null;
  estimated: boolean;
}

const LABELS: Record<Period, Intl.DateTimeFormatOptions> = {
  day: { hour: "numeric" },
  week: { weekday: "short" },
  month: { day: "numeric" },
  year: { month: "short" },
};

const TITLES: Record<Period, Intl.DateTimeFormatOptions> = {
  day: { hour: "2-digit", minute: "2-digit" },
  week: { weekday: "long", day: "numeric", month: "long" },
  month: { weekday: "long", day: "numeric", month: "long" },
  year: { month: "long", year: "numeric" },
};

const WHOLE: Record<Exclude<Period, "week">, Intl.DateTimeFormatOptions> = {
  day: { weekday: "short", day: "numeric", month: "long", year: "numeric" },
  month: { month: "long", year: "numeric" },
  year: { year: "numeric" },
};

export interface Words {
  locale: string;
  zone: string;
}

export function bars(period: Period, now: EnergyBucket[], before: EnergyBucket[], { locale, zone }: Words): Bar[] {
  const label = new Intl.DateTimeFormat(locale, { ...LABELS[period], timeZone: zone });
  const title = new Intl.DateTimeFormat(locale, { ...TITLES[period], timeZone: zone });
  return now.map((bucket, at) => {
    const [from, to] = [new Date(bucket.from), new Date(bucket.to)];
    return {
      // «14 Uhr» and «2 PM» are too long for what stands below a bar.
      label: period === "day" ? digits(label, from) : label.format(from),
      title: period === "day" ? title.formatRange(from, to) : title.format(from),
      value: bucket.kwh ?? null,
      cost: bucket.cost ?? null,
      before: before[at]?.kwh ?? null,
      estimated: bucket.estimated,
    };
  });
}

function digits(format: Intl.DateTimeFormat, at: Date): string {
  return format.formatToParts(at).find(({ type }) => type === "hour")?.value ?? "";
}

/** Which day, week, month or year. */
export function stretchText({ period, from, to }: Stretch, { locale, zone }: Words): string {
  if (period !== "week") {
    return new Intl.DateTimeFormat(locale, { ...WHOLE[period], timeZone: zone }).format(from);
  }
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: zone }).formatRange(from, to - 1);
}
