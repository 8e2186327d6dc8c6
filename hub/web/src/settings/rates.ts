/** Rates of energy as the fields of a form, and back. */
import type { EnergyRate } from "../api/words";
import { fieldText, number } from "./numbers";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

export interface RateFields {
  key: number;
  from: string;
  to: string;
  price: string;
  days: Weekday[];
}

export function toFields(rate: EnergyRate, key: number): RateFields {
  // None named means every day; in the form every day is ticked.
  const named = weekdays.filter((day) => rate.weekdays?.includes(day));
  return {
    key,
    from: rate.from,
    to: rate.to,
    price: fieldText(rate.price),
    days: named.length > 0 ? named : [...weekdays],
  };
}

/** null = something is missing or no number. */
export function toRate({ from, to, price, days }: RateFields): EnergyRate | null {
  const cost = number(price);
  if (!/^\d\d:\d\d$/.test(from) || !/^\d\d:\d\d$/.test(to) || cost === null || days.length === 0) return null;
  const all = days.length === weekdays.length;
  return { from, to, price: cost, ...(!all && { weekdays: weekdays.filter((day) => days.includes(day)) }) };
}

/** Equal in what they mean: no weekdays are all of them. */
export function equal(one: EnergyRate[], other: EnergyRate[]): boolean {
  const meaning = (rates: EnergyRate[]) => JSON.stringify(rates.map((rate) => toRate(toFields(rate, 0))));
  return meaning(one) === meaning(other);
}
