/** Amounts of money in words. */
import { locale } from "../language/language.svelte";

/** What something cost, in the home's currency. */
export function moneyText(amount: number, currency: string): string {
  return format(amount, { style: "currency", currency }) ?? `${format(amount, {})} ${currency}`;
}

/** A price of a kilowatt hour, whose tenths of a cent matter. */
export function priceText(amount: number, currency: string): string {
  return format(amount, { style: "currency", currency, maximumFractionDigits: 4 }) ?? `${amount} ${currency}`;
}

function format(amount: number, options: Intl.NumberFormatOptions): string | null {
  try {
    return new Intl.NumberFormat(locale(), options).format(amount);
  } catch {
    // Three letters that are no currency that the browser knows.
    return null;
  }
}
