/** The events that this page has heard last, for whoever wants to look back a little. */
import type { HomeEvent } from "../api/words";

/** More would be a log, which the hub keeps. */
const KEPT = 500;

export interface Heard {
  seq: number;
  event: HomeEvent;
}

export class Recent {
  /** Rises with each event. The list itself is not watched: it changes often, and few look. */
  count = $state(0);
  readonly list: Heard[] = [];

  push(heard: Heard): void {
    this.list.push(heard);
    if (this.list.length > KEPT) this.list.shift();
    this.count += 1;
  }

  clear(): void {
    this.list.length = 0;
    this.count += 1;
  }
}
