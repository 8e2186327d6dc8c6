/** Something that is asked of the hub from a form: under way, or what was wrong with it. */
import { Refusal } from "../api/client";
import { t } from "../language/language.svelte";

/** What the hub refused, in its words, with what to do. */
export function inWords(problem: unknown): string {
  if (!(problem instanceof Refusal)) throw problem;
  return [problem.message || t("no_answer"), problem.hint].filter(Boolean).join(" ");
}

export class Attempt {
  busy = $state(false);
  problem = $state("");

  /** Whether it worked. A second press while it is under way does nothing. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = "";
    try {
      await action();
      return true;
    } catch (problem) {
      this.problem = inWords(problem);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
