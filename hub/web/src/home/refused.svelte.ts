/** What who looks sees and may not control, as the hub says it: one answer for all the controls of the app. */
import { body, hub } from "../api/client";
import type { Refused as Item, Verdict } from "../api/words";
import { session } from "./session.svelte";
import { wishKey } from "./wishes.svelte";

const keyOf = ({ part, device, endpoint, attribute }: Item): string =>
  part ? `part ${part}` : wishKey(device ?? "", endpoint ?? 0, attribute ?? "");

/** The person's own PIN is asked for when it is needed: with it they may. */
const isInTheWay = ({ verdict: { reasons } }: Item) => reasons[0]?.code !== "needs_pin";

class Refused {
  #known = $state.raw(new Map<string, Verdict>());
  /** Of several readings the last one counts. */
  #turn = 0;

  /** Why an attribute may not be set to anything; null = it may, or nobody knows. */
  of(device: string, endpoint: number, attribute: string): Verdict | null {
    return this.#known.get(wishKey(device, endpoint, attribute)) ?? null;
  }

  /** The same for a part of the hub. */
  part(word: string): Verdict | null {
    return this.#known.get(`part ${word}`) ?? null;
  }

  /** Reads it anew. Without an answer that stands which was last given; the hub has the last word anyway. */
  async read(): Promise<void> {
    const turn = ++this.#turn;
    const found = new Map<string, Verdict>();
    // Owners may everything: they need not be asked about.
    let isMore = session.user?.role !== "owner";
    let cursor: string | undefined;
    while (isMore) {
      const query = { limit: 1000, ...(cursor && { cursor }) };
      const page = await body(hub.GET("/api/v1/can/refused", { params: { query } }));
      for (const item of page.items.filter(isInTheWay)) found.set(keyOf(item), item.verdict);
      cursor = page.next_cursor ?? undefined;
      isMore = cursor !== undefined;
    }
    if (turn === this.#turn) this.#known = found;
  }
}

export const refused = new Refused();
