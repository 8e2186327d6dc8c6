/** Numbers as people type them: with the point or comma of their language. */

/** null = it is none. */
export function number(text: string): number | null {
  const plain = text.trim().replace(/\s/g, "");
  // One comma and no point is a decimal comma; grouping is typed by nobody here.
  const pointed = plain.includes(".") ? plain : plain.replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(pointed) ? Number(pointed) : null;
}

/** For a field, without grouping and with the point that the hub's examples have. */
export function fieldText(value: number | null | undefined): string {
  return typeof value === "number" ? String(value) : "";
}
