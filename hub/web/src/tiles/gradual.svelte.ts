/** Shows a long list bit by bit: what is on the screen at once, the rest while the browser has nothing better to do. */

/** So many come together: few enough that a tap between two bits does not wait. */
const TOGETHER = 8;

/** Gives back what calls it off. Safari has no idle callbacks. */
const whenIdle = (then: () => void): (() => void) => {
  if (typeof requestIdleCallback === "function") {
    // A page that never rests gets them too.
    const asked = requestIdleCallback(then, { timeout: 100 });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(then, 16);
  return () => clearTimeout(timer);
};

export class Gradual {
  #shown: number;

  /** So many are shown at once. */
  constructor(atOnce: number) {
    this.#shown = $state(atOnce);
  }

  /** How many are shown of a part of the list: so many, from this place on. */
  of(first: number, count: number): number {
    return Math.max(0, Math.min(count, this.#shown - first));
  }

  /**
   * Goes on until all are shown, and what is added later too; gives back what ends that. `looked` = the place that somebody
   * looks at and that is not shown.
   */
  grow(count: number, looked: () => number | null = lookedAt, later: typeof whenIdle = whenIdle): () => void {
    let callOff = () => {};
    const step = () => {
      this.#shown = Math.max(this.#shown, looked() ?? 0) + TOGETHER;
      if (this.#shown < count) callOff = later(step);
      else this.#shown = Infinity;
    };
    callOff = later(step);
    return () => callOff();
  }
}

/** Whoever scrolls faster than the list comes, or comes back to where they were, does not wait. */
function lookedAt(): number | null {
  const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const place = middle?.closest<HTMLElement>("[data-place]")?.dataset["place"];
  return place === undefined ? null : Number(place);
}

/** What fills a screen: so many tiles of at least this size, and a row more. */
export function tilesOnScreen(width: number, height: number): number {
  const columns = Math.max(1, Math.floor(width / 284));
  return columns * (Math.ceil(height / 96) + 1);
}
