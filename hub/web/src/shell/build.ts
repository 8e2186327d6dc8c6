/** Which build of the app a page is of: the parts that it names never change under their names. */
export function buildOf(html: string): string {
  const parts = html.match(/\/assets\/[\w.-]+/g) ?? [];
  return [...new Set(parts)].sort().join(" ");
}
