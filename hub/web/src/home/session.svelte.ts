/** Who looks, at which hub, and the live home: what all pages share. */
import { body, hub, idempotencyKey, Refusal } from "../api/client";
import { browserWorld, Stream, type Connection } from "../api/stream";
import type { HomeEvent, Status, User } from "../api/words";
import { Changes, type Thing } from "./changes.svelte";
import { LiveHome, wishKey } from "./home.svelte";
import { ViewAs } from "./view-as.svelte";
import { Recent } from "./recent.svelte";

/** `starting` until the hub has answered; `silent` = it does not. */
export type Stage = "starting" | "silent" | "new" | "login" | "home";

/** How many milliseconds it is said that something was done. */
const DONE_IS_SAID = 4000;

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
  readonly live = new LiveHome();
  /** What changed of that which is no device. */
  readonly changes = new Changes();
  readonly viewAs = new ViewAs(this);
  readonly recent = new Recent();
  #stream: Stream | null = null;
  #isListening = false;
  readonly #listeners = new Set<(event: HomeEvent) => void>();

  /** Tells each event of the home; gives back what ends that. */
  listen(listener: (event: HomeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds out where things stand, and opens the home if somebody is logged in. */
  async begin(): Promise<void> {
    // It is on its way already.
    if (this.stage === "silent" && this.#stream && this.connection === "connecting") return;
    try {
      this.status = await body(hub.GET("/api/v1/status"));
      if (this.status.state === "new") {
        this.stage = "new";
        return;
      }
      this.user = await body(hub.GET("/api/v1/users/me"));
      await this.viewAs.restore();
      this.#open();
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      if (problem.code === "plain_http") return goEncrypted(this.status);
      this.stage = problem.status === 401 ? "login" : "silent";
    }
  }

  /** Ends the session. While the hub does not answer it goes on, and the page says that it is connecting. */
  async logOut(): Promise<void> {
    this.viewAs.forget();
    try {
      await hub.POST("/api/v1/auth/logout");
    } catch (problem) {
      if ((problem as Refusal).status !== 401) return;
    }
    // Begun anew, so that nothing of this person is left for the next.
    location.replace("/");
  }

  #open(): void {
    this.#stream?.stop();
    this.#stream = new Stream(
      browserWorld(),
      (message) => {
        if (this.viewAs.hear(message)) return;
        if (message.type === "snapshot") {
          this.live.replace(message);
          if (this.stage === "home") this.changes.missed();
          this.stage = "home";
        } else if (message.type === "event") {
          this.recent.push(message);
          if (message.event.kind === "notification") this.notified += 1;
          const { event } = message;
          if (event.kind === "presence_changed") this.moved += 1;
          if (event.kind === "changed") void this.changes.take(this, event.what as Thing, event.id ?? null);
          const { ask } = this.live.apply(event);
          if (event.kind === "command" && event.ended_at) {
            setTimeout(() => this.live.forgetDone(event.device), DONE_IS_SAID);
          }
          if (ask) void this.#ask(ask);
          for (const listener of this.#listeners) listener(message.event);
        }
      },
      (connection) => (this.connection = connection),
      () => this.#isStillIn(),
    );
    this.#stream.start();
    if (this.#isListening) return;
    this.#isListening = true;
    const hurry = () => document.visibilityState === "visible" && this.stage === "home" && this.#stream?.hurry();
    window.addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
  }

  /** Asks for a new picture: what is to be seen may be another now. */
  renew(): void {
    this.#stream?.renew();
  }

  async #isStillIn(): Promise<boolean> {
    try {
      await hub.GET("/api/v1/users/me");
      return true;
    } catch (problem) {
      if (!(problem instanceof Refusal) || problem.status !== 401) return true;
      this.stage = "login";
      return false;
    }
  }

  async #ask(id: string): Promise<void> {
    try {
      this.live.put(await body(hub.GET("/api/v1/devices/{id}", { params: { path: { id } } })));
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
    const keys = Object.entries(set).map(([name, value]) => [wishKey(device, endpoint, name), value] as const);
    for (const [key, value] of keys) {
      this.live.wishes.set(key, { value, status: "sending", reason: null, detail: null });
    }
    try {
      await hub.POST("/api/v1/devices/{id}/commands", {
        params: { path: { id: device }, header: { "Idempotency-Key": idempotencyKey() } },
        body: { set, endpoint, ...(pin && { pin }) },
      });
    } catch (problem) {
      const { code, message, helps } = problem as Refusal;
      for (const [key, value] of keys) {
        this.live.wishes.set(key, { value, status: "failed", reason: code, detail: message, helps });
      }
    }
  }
}

/** Over plain HTTP other machines see only the beginning; the rest is at the hub's encrypted door. */
function goEncrypted(status: Status | null): void {
  if (!status?.tls) return;
  const place = new URL(location.href);
  place.protocol = "https:";
  place.port = String(status.tls.port);
  location.replace(place);
}

export const session = new Session();
