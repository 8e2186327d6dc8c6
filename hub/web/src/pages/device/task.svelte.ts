/** Something that takes a while: under way, done, or refused. */
import { Refusal } from "../../api/client";

export class Task {
  busy = $state(false);
  done = $state(false);
  /** The hub went on without an answer: it takes longer. */
  goesOn = $state(false);
  problem = $state<Refusal | null>(null);

  /** Does it, if it is not under way; the answer's status tells whether it has ended. */
  async run(call: () => Promise<{ response: Response }>): Promise<void> {
    if (this.busy) return;
    [this.busy, this.done, this.goesOn, this.problem] = [true, false, false, null];
    try {
      const { response } = await call();
      if (response.status === 202) this.goesOn = true;
      else this.done = true;
    } catch (refusal) {
      this.problem = refusal instanceof Refusal ? refusal : new Refusal(0, "no_answer", "", "");
    }
    this.busy = false;
  }
}
