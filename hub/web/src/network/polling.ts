/** When the hub is asked again whether a network is measured: no event says so. */

/** Milliseconds between two looks. */
const EVERY = 4_000;
/** After failures the hub is left in peace a little longer. */
const MOST = 30_000;
/** What asking again does not change. */
const FINAL = [401, 403, 404];

export interface Look {
  scanning: boolean;
  /** How many looks have failed since one worked. */
  failures: number;
  /** The status of the last failure; 0 = no answer. */
  status: number | null;
}

/** Milliseconds until the next look; null = there is none. */
export function untilNextLook({ scanning, failures, status }: Look): number | null {
  if (!scanning || (failures > 0 && FINAL.includes(status ?? 0))) return null;
  return Math.min(MOST, EVERY * 2 ** Math.min(failures, 10));
}
