/**
 * An owner looks at the home as another person sees it. A browser's stream takes no header, so the owner's own stream goes
 * on and says when something may have changed; what is shown is asked with the other's eyes.
 */
import { body, eyes, hub } from "../api/client";
import type { Message, User } from "../api/words";
import type { Changes, Thing } from "./changes.svelte";
import type { LiveHome, Picture } from "./home.svelte";

/** Of the session, what this needs. */
interface Host {
  stage: string;
  user: User | null;
  notified: number;
  readonly live: LiveHome;
  readonly changes: Changes;
  begin(): Promise<void>;
}

/** Where this tab remembers it over a reload; another tab shows one's own. */
const KEPT = "view-as";
/** Changes that come together are asked for once. */
const GATHER = 400;
const ALL = { params: { query: { limit: 1000 } } };

export class ViewAs {
  /** Whose eyes; null = one's own. */
  person = $state<User | null>(null);
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: Host) {}

  async start(person: User): Promise<void> {
    eyes.person = person.id;
    sessionStorage.setItem(KEPT, person.id);
    this.person = this.host.user = person;
    await this.#read();
    this.host.notified += 1;
  }

  async stop(): Promise<void> {
    this.forget();
    await this.host.begin();
    this.host.notified += 1;
  }

  forget(): void {
    clearTimeout(this.#again);
    eyes.person = null;
    this.person = null;
    sessionStorage.removeItem(KEPT);
  }

  /** Goes on after a reload. */
  async restore(): Promise<void> {
    const id = sessionStorage.getItem(KEPT);
    // Somebody else may have logged in meanwhile.
    if (this.host.user?.role !== "owner") return this.forget();
    if (!id) return;
    try {
      this.person = await body(hub.GET("/api/v1/users/{id}", { params: { path: { id } } }));
      eyes.person = id;
      this.host.user = this.person;
    } catch {
      this.forget();
    }
  }

  /** Takes in what the owner's own stream says; false = nobody is looked at, it is for the page itself. */
  hear(message: Message): boolean {
    if (!this.person) return false;
    if (message.type === "snapshot") void this.#read();
    else if (message.type === "event") {
      const { event } = message;
      const { live } = this.host;
      switch (event.kind) {
        case "state_changed":
        case "device_event":
          if (live.attribute(event.device, event.endpoint, event.attribute)) live.apply(event);
          break;
        case "availability_changed":
        case "mode_changed":
          live.apply(event);
          break;
        case "device_added":
        case "device_updated":
        case "device_removed":
        case "driver_status":
        case "alert":
        case "changed":
          if (event.kind === "changed") this.host.changes.tell(event.what as Thing, event.id ?? null);
          clearTimeout(this.#again);
          this.#again = setTimeout(() => void this.#read(), GATHER);
          break;
      }
    }
    return true;
  }

  async #read(): Promise<void> {
    const person = this.person;
    // What they may not see at all is not there for them.
    const seen = <T>(page: Promise<{ items: T[] }>) => page.then(({ items }) => items).catch(() => []);
    const [home, devices, areas, automations, drivers, alerts] = await Promise.all([
      body(hub.GET("/api/v1/home")),
      seen(body(hub.GET("/api/v1/devices", ALL))),
      seen(body(hub.GET("/api/v1/areas", ALL))),
      seen(body(hub.GET("/api/v1/automations", ALL))),
      seen(body(hub.GET("/api/v1/drivers", ALL))),
      seen(body(hub.GET("/api/v1/alerts", ALL))),
    ]);
    if (this.person !== person) return;
    const picture: Picture = { home, devices, areas, automations, drivers, alerts };
    this.host.live.replace(picture);
    this.host.stage = "home";
  }
}
