/** What came before what: answers to requests and the stream travel side by side, and an answer may be older than what was
 *  heard while it was on its way. Moments are counted, not timed: clocks are set back now and then. */

/** Names something that both tell of. */
type About = readonly (string | number)[];

export class Order {
  #now = 0;
  /** When the last whole picture came. */
  #begun = 0;
  #heard = new Map<string, number>();
  /** When that was asked of which the answer counts. */
  #answered = new Map<string, number>();

  /** The moment in which something is asked. */
  ask(): number {
    return ++this.#now;
  }

  /** The stream has told of it. */
  hear(about: About): void {
    this.#heard.set(JSON.stringify(about), ++this.#now);
  }

  isHeardSince(asked: number, about: About): boolean {
    return (this.#heard.get(JSON.stringify(about)) ?? 0) > asked;
  }

  answer(asked: number, about: About): void {
    this.#answered.set(JSON.stringify(about), asked);
  }

  /** Whether what was asked for later is here already, or a whole picture: its events tell the rest. */
  isOvertaken(asked: number, about: About): boolean {
    return this.#begun > asked || (this.#answered.get(JSON.stringify(about)) ?? 0) > asked;
  }

  /** A whole picture has come. */
  begin(): void {
    this.#begun = ++this.#now;
    this.#heard.clear();
    this.#answered.clear();
  }
}
