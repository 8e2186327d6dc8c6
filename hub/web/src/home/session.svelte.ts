/** Who looks, at which hub, and the live home: what all pages share. */
import { body, doubts, hub, idempotencyKey, Refusal } from "../api/client";
import { IN, takeStream } from "../api/early";
import { browserWorld, Stream, type Connection } from "../api/stream";
import { Together } from "../api/together";
import type { HomeEvent, Message, Status, User } from "../api/words";
import { forgetPushOfOthers, removeChannel, unsubscribe } from "../messages/push";
import { forgetAllBegun, forgetBegunOfOthers } from "../rules/begun";
import { Changes, type Thing } from "./changes.svelte";
import { LiveHome } from "./home.svelte";
import { ViewAs } from "./view-as.svelte";
import { Recent } from "./recent.svelte";
import { standing, within } from "./standing";
import { whenLookedAtAgain } from "./wake";

/** `starting` until the hub has answered; `silent` = it does not; `over` = the page is about to begin anew. */
export type Stage = "starting" | "silent" | "new" | "login" | "home" | "over";

/** So long the hub may take to answer a command before it is said that it does not. */
const ANSWERS_IN = 15_000;
/** Who was away for so many milliseconds sees what only a request tells read anew. */
const LONG_AWAY = 5 * 60_000;
/** A page may be refused many things at once; once in so many milliseconds is enough to ask. */
const DOUBT_AGAIN = 5000;
/** How many milliseconds a log-out waits for what is not necessary for it. */
const PATIENCE = 3000;

export class Session {
  stage = $state<Stage>("starting");
  status = $state<Status | null>(null);
  /** Who looks; while an owner looks with another's eyes, that person. */
  user = $state<User | null>(null);
  connection = $state<Connection>("connecting");
  /** Rises with each notification: who shows them reads them anew. */
  notified = $state(0);
  /** Rises when somebody comes or goes. */
  moved = $state(0);
  /** Rises with each connection. */
  connected = $state(0);
  readonly live = new LiveHome();
  /** What changed of that which is no device. */
  readonly changes = new Changes();
  readonly viewAs = new ViewAs(this);
  readonly recent = new Recent();
  /** Whose session it is, with whosever eyes they look. */
  #own: User | null = null;
  #stream: Stream | null = null;
  /** What the stream said before it was known who looks. */
  #early: Message[] | null = null;
  readonly #together = new Together<Message>((message) => this.#hear(message));
  #isListening = false;
  #isInDoubt = false;
  #beginning: Promise<void> | null = null;
  readonly #listeners = new Set<(event: HomeEvent) => void>();

  /** Tells each event of the home; gives back what ends that. */
  listen(listener: (event: HomeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds out where things stand, and opens the home if somebody is logged in. Once at a time. */
  begin(): Promise<void> {
    this.#wake();
    return (this.#beginning ??= this.#begin().finally(() => (this.#beginning = null)));
  }

  async #begin(): Promise<void> {
    // It is on its way already, or what is missing is asked for again.
    if (this.stage === "silent" && this.#stream && this.connection !== "lost") return;
    const signal = within();
    // Side by side: each way to the hub and back is felt. Without a session the stream would only be refused.
    const wasIn = localStorage.getItem(IN) !== null;
    if (wasIn) this.#open();
    const asked = answered(body(hub.GET("/api/v1/users/me", { signal })));
    try {
      this.status = await body(hub.GET("/api/v1/status", { signal }));
      if (this.status.state === "new") {
        this.#close();
        this.stage = "new";
        return;
      }
      this.user = this.#own = (await asked)();
      localStorage.setItem(IN, "");
      forgetPushOfOthers(this.#own.id);
      forgetBegunOfOthers(this.#own.id);
      await this.viewAs.restore();
      if (!wasIn) this.#open();
      const early = this.#early ?? [];
      this.#early = null;
      for (const message of early) this.#hear(message);
    } catch (problem) {
      this.#close();
      if (problem instanceof Refusal && problem.status === 401) localStorage.removeItem(IN);
      // Nobody is left before an empty page.
      if (!(problem instanceof Refusal)) {
        this.stage = "silent";
        throw problem;
      }
      if (problem.code === "plain_http" && goEncrypted(this.status)) return;
      this.stage = problem.status === 401 ? "login" : "silent";
    }
  }

  /** Ends the session. While the hub does not answer it goes on, and the page says that it is connecting. */
  async logOut(everywhere?: () => Promise<unknown>): Promise<void> {
    // Messages end first, while the hub knows who asks. Whatever becomes of that, nobody is kept in.
    await settled(removeChannel());
    if (everywhere) await everywhere();
    try {
      await hub.POST("/api/v1/auth/logout", { signal: within() });
    } catch (problem) {
      if ((problem as Refusal).status !== 401) return;
    }
    this.#close();
    localStorage.removeItem(IN);
    forgetAllBegun();
    this.viewAs.forget();
    await settled(unsubscribe());
    this.startOver("/");
  }

  /** Begins anew, so that nothing of this person, role or hub is left for what comes next. */
  startOver(address = location.href): void {
    // Nothing is asked about on the way: what was typed cannot be kept for somebody else.
    this.stage = "over";
    this.#stream?.stop();
    setTimeout(() => (address === location.href ? location.reload() : location.replace(address)));
  }

  #open(): void {
    this.#close();
    this.#early = [];
    const early = takeStream();
    this.#stream = early ?? new Stream(browserWorld());
    this.#stream.follow({
      hear: (message) => this.#take(message),
      become: (connection) => {
        if (connection === "live" && this.connection !== "live") this.connected += 1;
        this.connection = connection;
        if (connection === "lost" && this.stage === "starting") this.stage = "silent";
      },
      mayGoOn: () => this.#mayGoOn(),
    });
    if (!early) this.#stream.start();
  }

  #close(): void {
    this.#stream?.stop();
    this.#stream = null;
    this.#early = null;
    this.#together.clear();
  }

  #take(message: Message): void {
    if (this.#early) this.#early.push(message);
    // Events come often; a picture is waited for. None overtakes another.
    else if (message.type === "event" || this.#together.isWaiting) this.#together.add(message);
    else this.#hear(message);
  }

  #hear(message: Message): void {
    if (message.type === "snapshot" && this.stage === "home") {
      // Between what was heard before and after, something is missing.
      this.recent.clear();
      this.#renew();
    }
    if (this.viewAs.hear(message)) return;
    if (message.type === "snapshot") {
      this.live.replace(message);
      this.stage = "home";
    } else if (message.type === "event") {
      this.recent.push(message);
      const { event } = message;
      if (event.kind === "notification") this.notified += 1;
      if (event.kind === "presence_changed") this.moved += 1;
      if (event.kind === "changed") void this.changes.take(this, event.what as Thing, event.id ?? null);
      const { ask } = this.live.apply(event);
      if (ask) void this.#ask(ask);
      for (const listener of this.#listeners) listener(event);
    }
  }

  /** What the stream does not repeat is read anew by those who show it. */
  #renew(): void {
    this.notified += 1;
    this.moved += 1;
    this.changes.missed();
  }

  /** Asks for a new picture: what is to be seen may be another now. */
  askAnew(): void {
    this.#stream?.renew();
  }

  /** Finds out whether who looks is still who they were. */
  async lookWho(): Promise<void> {
    await this.#mayGoOn();
  }

  /** The stream does not tell anybody that they are a child now; what the hub refuses does. */
  #doubt(): void {
    if (this.stage !== "home" || this.#isInDoubt) return;
    this.#isInDoubt = true;
    void this.#mayGoOn();
    setTimeout(() => (this.#isInDoubt = false), DOUBT_AGAIN);
  }

  /** Once: a phone wakes up, a page comes back from the browser's memory, the network is there again. */
  #wake(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    doubts.raise = () => this.#doubt();
    whenLookedAtAgain((away) => {
      if (this.stage === "silent") void this.begin();
      if (this.stage !== "home") return;
      // The connection may be whole while somebody's role is another, or they logged out in another tab.
      if (this.connection === "live") void this.#mayGoOn();
      this.#stream?.hurry();
      if (away > LONG_AWAY) this.#renew();
    });
  }

  /** Whether it is the same hub still, and the same person in the same role; else the page begins anew. */
  async #mayGoOn(): Promise<boolean> {
    const signal = within();
    const [status, own] = await Promise.allSettled([
      body(hub.GET("/api/v1/status", { signal })),
      body(hub.GET("/api/v1/users/me", { signal })),
    ]);
    const verdict = standing({ status: this.status, own: this.#own }, status, own);
    if (verdict === "other_hub") this.startOver("/");
    else if (verdict === "other_person") this.startOver();
    if (verdict !== "same") return false;
    if (status.status === "fulfilled") this.status = status.value;
    if (own.status === "fulfilled") {
      this.#own = own.value;
      if (!this.viewAs.person) this.user = own.value;
    }
    return true;
  }

  async #ask(id: string): Promise<void> {
    try {
      const asked = this.live.ask();
      this.live.put(await body(hub.GET("/api/v1/devices/{id}", { params: { path: { id } } })), asked);
      const area = this.live.devices.get(id)?.area;
      if (area && !this.live.areas.has(area)) {
        this.live.areas.set(area, await body(hub.GET("/api/v1/areas/{id}", { params: { path: { id: area } } })));
      }
    } catch {
      // It is gone again, or not for these eyes: the events that follow say so.
    }
  }

  /** Sets attributes of a device. That it is under way is to be seen at once; what becomes of it comes by the stream. */
  async command(device: string, endpoint: number, set: Record<string, unknown>, pin?: string): Promise<void> {
    const { wishes } = this.live;
    const turn = wishes.begin(device, endpoint, set);
    try {
      const command = await body(
        hub.POST("/api/v1/devices/{id}/commands", {
          params: { path: { id: device }, header: { "Idempotency-Key": idempotencyKey() } },
          body: { set, endpoint, ...(pin && { pin }) },
          signal: AbortSignal.timeout(ANSWERS_IN),
        }),
      );
      wishes.taken(turn, command);
    } catch (problem) {
      wishes.refused(turn, problem instanceof Refusal ? problem : new Refusal(0, "no_answer", "", ""));
    }
  }
}

/** Once it is done, has failed or has taken too long. */
function settled(task: Promise<unknown>): Promise<unknown> {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return Promise.race([task.catch(() => {}), patience]);
}

/** Waits for what was asked, whatever becomes of it; who calls the answer gets it, or its refusal. */
async function answered<T>(asked: Promise<T>): Promise<() => T> {
  try {
    const found = await asked;
    return () => found;
  } catch (problem) {
    return () => {
      throw problem;
    };
  }
}

/** Over plain HTTP other machines see only the beginning; the rest is at the hub's encrypted door. */
function goEncrypted(status: Status | null): boolean {
  if (!status?.tls) return false;
  const place = new URL(location.href);
  place.protocol = "https:";
  place.port = String(status.tls.port);
  location.replace(place);
  return true;
}

export const session = new Session();
