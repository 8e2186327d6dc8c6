/** Numbers as people type them: with the point or comma of their language. */

import { locale } from "../language/language.svelte";

/** null = it is none. */
export function number(text: string): number | null {
  const plain = text.trim().replace(/\s/g, "");
  // One comma and no point is a decimal comma; grouping is typed by nobody here.
  const pointed = plain.includes(".") ? plain : plain.replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(pointed) ? Number(pointed) : null;
}

/** For a field: without grouping, with the point or comma of the person's language. */
export function fieldText(value: number | null | undefined): string {
  const format = new Intl.NumberFormat(locale(), { useGrouping: false, maximumFractionDigits: 10 });
  return typeof value === "number" ? format.format(value).replace("\u2212", "-") : "";
}
