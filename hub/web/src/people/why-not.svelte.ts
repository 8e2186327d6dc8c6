/** What somebody pressed that they may not use, to be told why. */
import type { Verdict } from "../api/words";
import type { Part } from "../tiles/kind";

export interface Pressed {
  /** What it is, in words. */
  label: string;
  verdict: Verdict;
  /** What an adult can be asked for; null = there is nothing to ask. */
  ask: { device: string; part: Part } | null;
}

class WhyNot {
  pressed = $state.raw<Pressed | null>(null);
}

export const whyNot = new WhyNot();
