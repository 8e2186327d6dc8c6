/** A list that runs, held to be read: it stays as it was, and what comes meanwhile is counted. */

interface Running<T> {
  /** How many there have been in all. */
  readonly count: number;
  /** The last of them. */
  readonly list: readonly T[];
}

export interface Held<T> {
  count: number;
  list: readonly T[];
}

export function hold<T>({ count, list }: Running<T>): Held<T> {
  return { count, list: [...list] };
}

/** What there is to read. */
export function readable<T>(running: Running<T>, held: Held<T> | null): readonly T[] {
  return held?.list ?? running.list;
}

/** How many came since. */
export function since<T>(running: Running<T>, held: Held<T> | null): number {
  return held ? running.count - held.count : 0;
}
