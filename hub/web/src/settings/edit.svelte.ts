/** The home's settings while somebody changes them: what was saved can be taken back, and what somebody else has changed
 *  meanwhile is not written over. */
import { hub, Refusal } from "../api/client";
import type { Home, HomeChange } from "../api/words";
import { session } from "../home/session.svelte";

/** A part of the settings that somebody may be writing in. */
interface Part {
  isBeingWritten: () => boolean;
  reset: () => void;
}

export class HomeEdit {
  home = $state.raw<Home | null>(null);
  problem = $state.raw<Refusal | null>(null);
  /** Somebody else was faster: what they made of it is shown now. */
  overtaken = $state(false);
  #tag = "";
  readonly #parts = new Set<Part>();

  /** Adds a part; gives back what takes it away. */
  join(part: Part): () => void {
    this.#parts.add(part);
    return () => this.#parts.delete(part);
  }

  /** Somebody changed the settings: they are shown where nobody writes. */
  async follow(): Promise<void> {
    const resting = [...this.#parts].filter((part) => !part.isBeingWritten());
    await this.load();
    for (const part of resting) part.reset();
  }

  async load(): Promise<void> {
    const asked = session.live.ask();
    try {
      const { data, response } = await hub.GET("/api/v1/home");
      this.#take(data as Home, response, asked);
      this.problem = null;
    } catch (refusal) {
      this.problem = refusal as Refusal;
    }
  }

  /** Saves; gives back what makes it again what it was, or null if it was refused. */
  async save(change: HomeChange): Promise<HomeChange | null> {
    const before = this.home;
    this.overtaken = false;
    const asked = session.live.ask();
    try {
      const { data, response } = await hub.PATCH("/api/v1/home", {
        params: { header: { "If-Match": this.#tag } },
        body: change,
      });
      this.#take(data as Home, response, asked);
      this.problem = null;
      return (
        before && (Object.fromEntries(Object.keys(change).map((key) => [key, before[key as keyof Home]])) as HomeChange)
      );
    } catch (refusal) {
      if ((refusal as Refusal).status === 412) {
        await this.load();
        this.overtaken = true;
      } else {
        this.problem = refusal as Refusal;
      }
      return null;
    }
  }

  #take(home: Home, response: Response, asked: number): void {
    this.home = home;
    this.#tag = response.headers.get("etag") ?? "";
    session.live.putHome(home, asked);
  }
}
