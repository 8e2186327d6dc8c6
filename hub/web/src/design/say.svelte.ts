/** What is read out to who does not see the page: what they caused, and what failed; never what merely changes. */

export interface Said {
  number: number;
  text: string;
}

/** A reader has begun with it by then. */
const STANDS = 10_000;

class Voice {
  said = $state.raw<Said[]>([]);
  #number = 0;

  say(text: string): void {
    this.#number += 1;
    const one = { number: this.#number, text };
    this.said = [...this.said, one];
    setTimeout(() => (this.said = this.said.filter((other) => other !== one)), STANDS);
  }
}

export const voice = new Voice();

/** Has it read out, once what is being read out is over. */
export function say(text: string): void {
  if (text) voice.say(text);
}
