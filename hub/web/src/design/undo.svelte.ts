/** What was just done can be taken back for some seconds. The newest thing only: more would be a list to think about. */
import { Attempt } from "../home/attempt.svelte";
import { t } from "../language/language.svelte";
import { say } from "./say.svelte";

/** How many milliseconds it is offered; who looks at it or stands in it has as long as they like. */
export const OFFERED = 12_000;

interface Offer {
  /** What was done. */
  text: string;
  back: () => Promise<unknown>;
  /** Where the focus goes once it is taken back. */
  then?: (() => void) | undefined;
}

export class Undo {
  offer = $state.raw<Offer | null>(null);
  readonly attempt = new Attempt();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Something was done, and `back` takes it back. */
  give(text: string, back: () => Promise<unknown>, then?: () => void): void {
    this.attempt.problem = "";
    this.offer = { text, back, then };
    say(t("undo.offered", { what: text }));
    this.go();
  }

  /** It is not taken away while somebody is at it. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  go(): void {
    clearTimeout(this.#timer);
    // Why it could not be taken back stays until it is read.
    if (this.attempt.problem) return;
    this.#timer = setTimeout(() => this.close(), OFFERED);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.offer = null;
  }

  async take(): Promise<void> {
    const { offer } = this;
    if (!offer) return;
    this.hold();
    const done = await this.attempt.run(offer.back);
    // Something newer may stand there by now.
    if (this.offer !== offer) return;
    if (!done) return;
    this.close();
    say(t("undo.done"));
    offer.then?.();
  }
}

export const undo = new Undo();
