/**
 * An owner looks at the home as another person sees it. A browser's stream takes no header, so the owner's own stream goes
 * on and says when something may have changed; what is shown is asked with the other's eyes.
 */
import { body, eyes, hub, type Refusal } from "../api/client";
import type { Message, User } from "../api/words";
import type { Changes, Thing } from "./changes.svelte";
import type { LiveHome, Picture } from "./home.svelte";

/** Of the session, what this needs. */
interface Host {
  stage: string;
  user: User | null;
  readonly live: LiveHome;
  startOver(address: string): void;
  readonly changes: Changes;
}

/** Where this tab remembers it over a reload; another tab shows one's own. */
const KEPT = "view-as";
/** Changes that come together are asked for once. */
const GATHER = 400;
/** So long after a read that failed it is tried again. */
const AGAIN = 3000;
const ALL = { params: { query: { limit: 1000 } } };

export class ViewAs {
  /** Whose eyes; null = one's own. */
  person = $state<User | null>(null);
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: Host) {}

  /** By beginning anew with the other's eyes: whatever the page knew with the owner's own is gone then. */
  start(person: User): void {
    sessionStorage.setItem(KEPT, person.id);
    this.host.startOver("/");
  }

  stop(address = "/"): void {
    sessionStorage.removeItem(KEPT);
    this.host.startOver(address);
  }

  forget(): void {
    clearTimeout(this.#again);
    eyes.person = null;
    this.person = null;
    sessionStorage.removeItem(KEPT);
  }

  /** Before anything of the home is asked for. What cannot be found out now is no reason to look with one's own eyes. */
  async restore(): Promise<void> {
    const id = sessionStorage.getItem(KEPT);
    // Somebody else may have logged in meanwhile.
    if (this.host.user?.role !== "owner") return this.forget();
    if (!id) return;
    try {
      this.person = await body(hub.GET("/api/v1/users/{id}", { params: { path: { id } } }));
    } catch (problem) {
      if ((problem as Refusal).status !== 404) throw problem;
      return this.forget();
    }
    eyes.person = id;
    this.host.user = this.person;
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
          this.#readAfter(GATHER);
          break;
        case "changed":
          this.host.changes.tell(event.what as Thing, event.id ?? null);
          this.#readAfter(GATHER);
          break;
      }
    }
    return true;
  }

  #readAfter(milliseconds: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#read(), milliseconds);
  }

  async #read(): Promise<void> {
    const { person } = this;
    const asked = this.host.live.ask();
    let picture: Picture;
    try {
      picture = await pictureOfThem();
    } catch {
      // What there is stays; where there is nothing yet, the page says so. It is never the owner's own picture.
      if (this.host.stage !== "home") this.host.stage = "silent";
      return this.#readAfter(AGAIN);
    }
    if (this.person !== person) return;
    this.host.live.replace(picture, asked);
    this.host.stage = "home";
  }
}

async function pictureOfThem(): Promise<Picture> {
  // What they may not see at all is not there for them.
  const seen = <T>(page: Promise<{ items: T[] }>) =>
    page.then(
      ({ items }) => items,
      (problem: Refusal) => {
        if (problem.status === 403 || problem.status === 404) return [];
        throw problem;
      },
    );
  const [home, devices, areas, automations, drivers, alerts] = await Promise.all([
    body(hub.GET("/api/v1/home")),
    seen(body(hub.GET("/api/v1/devices", ALL))),
    seen(body(hub.GET("/api/v1/areas", ALL))),
    seen(body(hub.GET("/api/v1/automations", ALL))),
    seen(body(hub.GET("/api/v1/drivers", ALL))),
    seen(body(hub.GET("/api/v1/alerts", ALL))),
  ]);
  return { home, devices, areas, automations, drivers, alerts };
}
