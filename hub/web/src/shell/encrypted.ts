/** Where the same page is encrypted; null = it is so already, or the hub has no such door. */
export function encryptedAddress(here: URL, port: number | null | undefined): string | null {
  if (here.protocol !== "http:" || port === null || port === undefined) return null;
  const there = new URL(here);
  there.protocol = "https:";
  there.port = String(port);
  return there.href;
}
