/** What an address brought behind its `#`, which no server is told: the code of an invitation, or where the home is. Read
 *  once, it is taken out of the address: neither belongs in a history or on a screen that somebody shares. */

let brought = "";

/** The names and values behind the `#`; null = nothing of the kind stands there, but perhaps a place of the page. */
export function broughtBy(hash: string): string | null {
  return /^#\w+=/.test(hash) ? hash.slice(1) : null;
}

/** Takes it out of the address. */
export function keepBrought(): void {
  const now = broughtBy(location.hash);
  if (now === null) return;
  brought = now;
  history.replaceState(history.state, "", location.pathname + location.search);
}

export function whatWasBrought(): URLSearchParams {
  keepBrought();
  return new URLSearchParams(brought);
}

export function forgetBrought(): void {
  brought = "";
}
