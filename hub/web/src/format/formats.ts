/** Formats of numbers, made once: making one costs a phone more than a hundred uses of it. */
const made = new Map<string, Intl.NumberFormat>();

/** The format of numbers with so many digits after the point, at most; without `digits` as the language has it. */
export function numberFormat(locale: string, digits?: number): Intl.NumberFormat {
  const key = `${locale} ${digits}`;
  let format = made.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, digits === undefined ? {} : { maximumFractionDigits: digits });
    made.set(key, format);
  }
  return format;
}
