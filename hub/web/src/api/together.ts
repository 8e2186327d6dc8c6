/** What comes between two frames of the screen, given on at once: the page is brought up to date once for all of it, and as
 *  often as the device can draw. */

/** A page that is hidden draws nothing; by then it is told all the same. */
const LATEST = 100;

/** Calls before the next frame is drawn; gives back what calls it off. */
function beforeDrawn(then: () => void): () => void {
  const callOff = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const call = () => {
    callOff();
    then();
  };
  const frame = requestAnimationFrame(call);
  const timer = setTimeout(call, LATEST);
  return callOff;
}

export class Together<T> {
  #waiting: T[] = [];
  #callOff = () => {};

  constructor(
    private readonly give: (one: T) => void,
    private readonly later = beforeDrawn,
  ) {}

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  add(one: T): void {
    if (this.#waiting.push(one) === 1) this.#callOff = this.later(() => this.#giveAll());
  }

  /** Nothing of what waits is wanted any more. */
  clear(): void {
    this.#callOff();
    this.#waiting = [];
  }

  #giveAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const one of all) this.give(one);
  }
}
