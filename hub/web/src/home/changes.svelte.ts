/** What of the home changed that is no device: the stream says that there is something to be read anew. */
import { SvelteMap } from "svelte/reactivity";
import { body, hub, Refusal } from "../api/client";
import type { User } from "../api/words";
import type { LiveHome } from "./home.svelte";

/** What a change is of, in the words of the hub. */
export type Thing =
  "automation" | "area" | "scene" | "home" | "user" | "permissions" | "approval" | "messages" | "network";

/** Of the session, what this needs. */
export interface Host {
  user: User | null;
  readonly live: LiveHome;
  /** Asks for a new picture: what is to be seen may be another now. */
  askAnew(): void;
  /** Finds out whether who looks is still who they were. */
  lookWho(): Promise<void>;
}

const one = (id: string) => ({ params: { path: { id } } });

/** How what the whole app shows is read anew. What else there is, its pages read. */
const READ: Partial<Record<Thing, (host: Host, id: string) => Promise<void>>> = {
  automation: ({ live }, id) => {
    const asked = live.ask();
    const reading = body(hub.GET("/api/v1/automations/{id}", one(id)));
    // The document is for pages of rules, which read it themselves.
    return replaced(live.automations, id, reading, ({ document: _, ...rule }) => live.putAutomation(rule, asked));
  },
  area: ({ live }, id) => {
    const reading = body(hub.GET("/api/v1/areas/{id}", one(id)));
    return replaced(live.areas, id, reading, (area) => live.areas.set(id, area));
  },
  home: async ({ live }) => {
    const asked = live.ask();
    live.putHome(await body(hub.GET("/api/v1/home")), asked);
  },
  user: async (host, id) => {
    if (id === host.user?.id) await host.lookWho();
  },
  permissions: async (host) => host.askAnew(),
};

async function replaced<Thing>(
  table: Map<string, unknown>,
  id: string,
  reading: Promise<Thing>,
  put: (thing: Thing) => void,
): Promise<void> {
  try {
    put(await reading);
  } catch (problem) {
    if (!(problem instanceof Refusal) || problem.status !== 404) throw problem;
    table.delete(id);
  }
}

export class Changes {
  #gaps = $state(0);
  #counts = new SvelteMap<string, number>();
  /** What is being read, so that changes which come together are read once and in order. */
  #reading = new Map<string, Promise<void>>();

  /** Rises when events were missed, or nobody looked for long: what was read once is to be read anew. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Rises whenever one of these, or this one, may be another: to be looked at in an effect that reads it anew. */
  of(thing: Thing, id?: string): number {
    return this.#gaps + (this.#counts.get(id === undefined ? thing : `${thing} ${id}`) ?? 0);
  }

  /** Events were missed: anything may be another. */
  missed(): void {
    this.#gaps += 1;
  }

  /** Reads anew what the whole app shows of it, and then lets pages read what they show. */
  async take(host: Host, thing: Thing, id: string | null): Promise<void> {
    const key = id === null ? thing : `${thing} ${id}`;
    const before = this.#reading.get(key);
    const reading = (async () => {
      await before;
      // Without an answer the old picture stands; the connection is lost then, and the next picture is whole.
      await READ[thing]?.(host, id ?? "").catch(() => {});
    })();
    this.#reading.set(key, reading);
    await reading;
    if (this.#reading.get(key) === reading) this.#reading.delete(key);
    this.tell(thing, id);
  }

  /** Lets pages read what they show of it. */
  tell(thing: Thing, id: string | null): void {
    for (const key of id === null ? [thing] : [thing, `${thing} ${id}`]) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }
}
