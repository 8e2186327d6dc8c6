/** The networks that are open, and whom they let in: kept while one looks at other pages, and over a reload. */
import { SvelteMap } from "svelte/reactivity";
import { body, hub, idempotencyKey, Refusal } from "../../api/client";
import type { HomeEvent } from "../../api/words";
import { session } from "../../home/session.svelte";
import { begun, closed, found, heard, type Pairing } from "./pairing";

export interface Wanted {
  action: "include" | "exclude" | "replace";
  driver: string;
  seconds: number;
  code?: string;
  via?: string;
  /** The dead one. */
  device?: string;
}

/** Of the one that this browser opened. */
interface Own {
  session: string;
  wanted: Wanted;
  /** By this device's clock: the hub's may be another. */
  until: number;
}

/** What is remembered of it over a reload, with all that was heard: the hub tells it once only. */
interface Kept extends Own {
  pairing: Pairing;
}

const KEPT = "pairing";
/** So long after its end it comes back: newcomers may have no name yet. */
const STAYS = 600_000;

export class Open {
  /** By session, the newest last; also those that somebody else opened, or a driver by itself. */
  readonly pairings = new SvelteMap<string, Pairing>();
  /** What this browser opened each for. */
  readonly #actions = new SvelteMap<string, Wanted["action"]>();
  own = $state.raw<Own | null>(null);
  busy = $state(false);
  problem = $state<Refusal | null>(null);
  #listens = false;
  /** Which the hub has said to be open. */
  readonly #open = new Set<string>();
  /** Rises with each event. */
  #heardOf = 0;

  listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    session.listen((event) => this.#heard(event));
    this.#remember();
  }

  /** Goes on after a reload. */
  #remember(): void {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | null;
    if (!kept || kept.until + STAYS < Date.now()) return;
    const { pairing = begun(kept.session, kept.wanted.driver), ...own } = kept;
    this.own = own;
    this.#actions.set(own.session, own.wanted.action);
    // That it was closed may not have been heard.
    const isOver = own.until < Date.now() && pairing.state === "open";
    this.pairings.set(own.session, isOver ? closed(pairing) : pairing);
  }

  #keep(): void {
    const { own, mine } = this;
    if (!own || !mine) return;
    // Its code is nobody's after this.
    const { code: _, ...wanted } = own.wanted;
    sessionStorage.setItem(KEPT, JSON.stringify({ ...own, wanted, pairing: mine } satisfies Kept));
  }

  /** Asks which networks are open: a page that is opened later shows all that was said, whoever opened them. */
  async find(drivers: string[]): Promise<void> {
    const tried = drivers.map((driver) =>
      this.#findOf(driver).then(
        () => driver,
        () => null,
      ),
    );
    const answered = await Promise.all(tried);
    // What this browser opened is over if no driver has it open.
    const own = this.own;
    if (own && answered.includes(own.wanted.driver) && !this.#open.has(own.session)) this.#close(own.session);
  }

  async #findOf(driver: string): Promise<void> {
    const asked = this.#heardOf;
    const { data, response } = await hub.GET("/api/v1/drivers/{id}/pairing", { params: { path: { id: driver } } });
    // Something was said meanwhile, which may not be in the answer.
    if (asked !== this.#heardOf) return this.#findOf(driver);
    for (const one of data?.items ?? []) {
      this.#open.add(one.id);
      this.pairings.set(one.id, found(driver, one));
      if (one.action) this.#actions.set(one.id, one.action as Wanted["action"]);
      if (this.own || !one.action || !one.until) continue;
      // The hub's clock may be another than this device's.
      const now = Date.parse(response.headers.get("date") ?? "") || Date.now();
      const left = Date.parse(one.until) - now;
      const wanted = { action: one.action as Wanted["action"], driver, seconds: Math.max(180, Math.ceil(left / 1000)) };
      this.own = { session: one.id, wanted, until: Date.now() + left };
    }
  }

  /** The pairing that this browser opened. */
  get mine(): Pairing | null {
    return (this.own && this.pairings.get(this.own.session)) ?? null;
  }

  /** What a pairing is for; whom others let in is new here. */
  actionOf(session: string): Wanted["action"] {
    return this.#actions.get(session) ?? "include";
  }

  #heard(event: HomeEvent): void {
    if (event.kind !== "pairing") return;
    this.#heardOf += 1;
    this.#open.add(event.session);
    const known = this.pairings.get(event.session);
    const next = heard(known ?? begun(event.session, event.driver), event);
    this.pairings.set(event.session, next);
    if (event.session === this.own?.session) this.#keep();
  }

  async start(wanted: Wanted): Promise<void> {
    [this.busy, this.problem] = [true, null];
    const { driver, ...rest } = wanted;
    try {
      const params = { path: { id: driver }, header: { "Idempotency-Key": idempotencyKey() } };
      const opened = await body(hub.POST("/api/v1/drivers/{id}/pairing", { params, body: rest }));
      // Its first event may have come before this answer.
      if (!this.pairings.has(opened.id)) this.pairings.set(opened.id, begun(opened.id, driver));
      this.#open.add(opened.id);
      this.own = { session: opened.id, wanted, until: Date.now() + wanted.seconds * 1000 };
      this.#actions.set(opened.id, wanted.action);
      this.#keep();
    } catch (refusal) {
      this.problem = refusal as Refusal;
    }
    this.busy = false;
  }

  /** Closes the network. While the hub has not said so it is open. */
  async stop(pairing: Pairing): Promise<void> {
    [this.busy, this.problem] = [true, null];
    const path = { id: pairing.driver, session: pairing.session };
    try {
      await hub.DELETE("/api/v1/drivers/{id}/pairing/{session}", { params: { path } });
      this.#close(pairing.session);
    } catch (refusal) {
      // One that has ended by itself is not found, and that is as well.
      if ((refusal as Refusal).status === 404) this.#close(pairing.session);
      else this.problem = refusal as Refusal;
    }
    this.busy = false;
  }

  #close(session: string): void {
    const known = this.pairings.get(session);
    if (known?.state === "open") this.pairings.set(session, closed(known));
    if (session === this.own?.session) this.#keep();
  }

  /** What the driver does not take is a {@link Refusal}. */
  async answer(pairing: Pairing, answer: Record<string, unknown>): Promise<void> {
    const path = { id: pairing.driver, session: pairing.session };
    await hub.POST("/api/v1/drivers/{id}/pairing/{session}/answer", { params: { path }, body: answer as never });
  }

  /** Begins from the beginning. */
  forget(): void {
    this.own = null;
    this.problem = null;
    sessionStorage.removeItem(KEPT);
    for (const [id, { state }] of this.pairings) if (state !== "open") this.pairings.delete(id);
  }
}

export const open = new Open();
