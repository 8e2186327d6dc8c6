/** Between moments and the text of a field for date and time, which is of the home's clocks. */
import { placeOf } from "./replay";

export function toLocalTime(at: string, timeZone: string | undefined): string {
  const { day, minute } = placeOf(at, timeZone);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The moment at which the home's clocks show this; null = it is no time. */
export function fromLocalTime(written: string, timeZone: string | undefined): string | null {
  const asUtc = Date.parse(`${written}:00Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(written) || Number.isNaN(asUtc)) return null;
  // Twice: near a change of the clocks the first difference is that of the other side.
  let moment = asUtc;
  for (let round = 0; round < 2; round += 1) {
    moment += asUtc - Date.parse(`${toLocalTime(new Date(moment).toISOString(), timeZone)}:00Z`);
  }
  return new Date(moment).toISOString();
}
