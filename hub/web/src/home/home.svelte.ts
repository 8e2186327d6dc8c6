/** The home as the page knows it: made by the stream's snapshot, kept by its events. */
import { SvelteMap } from "svelte/reactivity";
import type {
  Alert,
  Area,
  Attribute,
  Automation,
  Device,
  Driver,
  Home,
  HomeEvent,
  Outcome,
  Snapshot,
} from "../api/words";
import { live } from "./live-device.svelte";
import { Order } from "./order";

/** What became of the last command to one attribute of a device. */
export interface Wish {
  value: unknown;
  /** `none` = nothing is to be said; `taken` = it ended without a report; `sending` until the hub has taken it, then the words of the command's life. */
  status: "none" | "taken" | "sending" | "accepted" | "sent" | "acknowledged" | "confirmed" | "failed" | "expired";
  /** Of the hub's table of reasons, where it failed. */
  reason: string | null;
  /** In the words of the driver or of the hub. */
  detail: string | null;
  /** Where the hub did not allow it: what would help. */
  helps?: { approval?: boolean; pin?: boolean };
}

/** Who looks at a key that there is not would be told of every key that comes: so there is one for each attribute. */
const NO_WISH: Wish = { value: null, status: "none", reason: null, detail: null };

/** What the page knows of a home. */
export type Picture = Pick<Snapshot, "home" | "devices" | "areas" | "automations" | "drivers" | "alerts">;

/** Whether something is still to come of it. */
export function isUnderWay(wish: Wish | undefined): boolean {
  return wish !== undefined && ["sending", "accepted", "sent", "acknowledged"].includes(wish.status);
}

/** Names one attribute of one device. */
export function wishKey(device: string, endpoint: number, attribute: string): string {
  return JSON.stringify([device, endpoint, attribute]);
}

/** Of what happened and is no state: the press of a button. */
export interface Happening {
  attribute: string;
  value: unknown;
  at: string;
}

/** Of a run of a rule: that it began or ended, or what a stop of the hub made of it. */
export interface Heard {
  run: string;
  phase: string;
  at: string;
}

/** Of these phases a run is over. */
const ENDED = ["finished", "stopped", "failed", "fuse", "missed"];

export class LiveHome {
  home = $state<Home | null>(null);
  devices = new SvelteMap<string, Device>();
  areas = new SvelteMap<string, Area>();
  automations = new SvelteMap<string, Automation>();
  drivers = new SvelteMap<string, Driver>();
  alerts = new SvelteMap<string, Alert>();
  wishes = new SvelteMap<string, Wish>();
  /** The last happening of each device. */
  happenings = new SvelteMap<string, Happening>();
  /** What was last heard of the runs of each rule. */
  runs = new SvelteMap<string, Heard>();
  readonly #order = new Order();

  /** To be called before something is asked of the hub: by it is known what the stream said before the answer came. */
  ask(): number {
    return this.#order.ask();
  }

  /** Puts the picture in the place of everything; of one that was asked for, only what is not older than the stream. */
  replace(snapshot: Picture, asked?: number): void {
    if (asked === undefined) this.#order.begin();
    const devices = asked === undefined ? snapshot.devices : snapshot.devices.map((one) => this.#newest(one, asked));
    this.home = snapshot.home;
    fill(this.devices, devices.map(live), (device) => device.id);
    fill(this.areas, snapshot.areas, (area) => area.id);
    fill(this.automations, snapshot.automations, (automation) => automation.id);
    fill(this.drivers, snapshot.drivers, (driver) => driver.id);
    fill(this.alerts, snapshot.alerts, (alert) => alert.code);
    // What was under way before the break may have ended in it; the values tell.
    for (const [key, wish] of this.wishes) if (isUnderWay(wish)) this.wishes.set(key, NO_WISH);
    for (const device of snapshot.devices) this.#wishesOf(device, asked);
  }

  /** Takes in what the hub answered about a device, but for what the stream has said since it was asked. */
  put(device: Device, asked: number): void {
    if (this.#order.isOvertaken(asked, ["device", device.id])) return;
    this.#order.answer(asked, ["device", device.id]);
    this.devices.set(device.id, live(this.#newest(device, asked)));
    this.#wishesOf(device, asked);
  }

  /** The same of the home itself; of what people set there the stream tells nothing but the mode. */
  putHome(home: Home, asked: number): void {
    const mode = this.#order.isHeardSince(asked, ["mode"]) ? this.home?.mode : undefined;
    this.home = mode === undefined ? home : { ...home, mode };
  }

  /** The same of a rule; of what people write the stream tells nothing but the runs. */
  putAutomation(automation: Automation, asked: number): void {
    const known = this.automations.get(automation.id);
    if (known && known.revision > automation.revision) return;
    const isOlder = known && this.#order.isHeardSince(asked, ["run", automation.id]);
    const { active_runs, last_fired_at = null } = isOlder ? known : automation;
    this.automations.set(automation.id, { ...automation, active_runs, last_fired_at });
  }

  /** What was heard since is newer than an answer that was under way. */
  #newest(device: Device, asked: number): Device {
    const known = this.devices.get(device.id);
    if (!known) return device;
    const endpoints = device.endpoints.map((endpoint) => ({
      ...endpoint,
      attributes: endpoint.attributes.map((attribute) => {
        const newer = this.attribute(device.id, endpoint.id, attribute.name)?.state;
        if (!newer || !this.#order.isHeardSince(asked, ["state", device.id, endpoint.id, attribute.name]))
          return attribute;
        const { value, changed_at = null, reported_at = null, source = null } = newer;
        return { ...attribute, state: { ...attribute.state, value, changed_at, reported_at, source } };
      }),
    }));
    const { availability } = this.#order.isHeardSince(asked, ["availability", device.id]) ? known : device;
    return { ...device, availability, endpoints };
  }

  /** What was done as it was asked for need not be said any longer. */
  forgetDone(device: string): void {
    for (const endpoint of this.devices.get(device)?.endpoints ?? []) {
      for (const { name } of endpoint.attributes) {
        const key = wishKey(device, endpoint.id, name);
        if (["confirmed", "taken"].includes(this.wishes.get(key)?.status ?? "")) this.wishes.set(key, NO_WISH);
      }
    }
  }

  attribute(device: string, endpoint: number, name: string): Attribute | undefined {
    const found = this.devices.get(device)?.endpoints.find((one) => one.id === endpoint);
    return found?.attributes.find((one) => one.name === name);
  }

  /** Takes in one event. What it cannot tell by itself is in the answer: the device to be asked for anew. */
  apply(event: HomeEvent): { ask?: string } {
    switch (event.kind) {
      case "state_changed": {
        this.#order.hear(["state", event.device, event.endpoint, event.attribute]);
        const attribute = this.attribute(event.device, event.endpoint, event.attribute);
        if (!attribute) return { ask: event.device };
        Object.assign(attribute.state, {
          value: event.to,
          changed_at: event.at,
          reported_at: event.at,
          source: event.source,
        });
        return {};
      }
      case "device_event":
        this.happenings.set(event.device, { attribute: event.attribute, value: event.value, at: event.at });
        return {};
      case "availability_changed": {
        this.#order.hear(["availability", event.device]);
        const device = this.devices.get(event.device);
        if (device) device.availability = event.to;
        return {};
      }
      case "device_added":
      case "device_updated":
        return { ask: event.device };
      case "device_removed":
        this.#order.answer(this.#order.ask(), ["device", event.device]);
        this.devices.delete(event.device);
        return {};
      case "command":
        for (const outcome of event.outcomes) this.#outcome(event.device, outcome, Boolean(event.ended_at));
        return {};
      case "driver_status": {
        const driver = this.drivers.get(event.driver);
        if (driver) this.drivers.set(event.driver, { ...driver, state: event.state, detail: event.detail });
        return {};
      }
      case "automation_run":
        this.#run(event.automation, { run: event.run, phase: event.phase, at: event.at });
        return {};
      case "mode_changed":
        this.#order.hear(["mode"]);
        if (this.home) this.home.mode = event.to;
        return {};
      case "alert":
        if (event.resolved) this.alerts.delete(event.code);
        else this.alerts.set(event.code, { code: event.code, severity: event.severity, text: event.text });
        return {};
      default:
        return {};
    }
  }

  #run(id: string, heard: Heard): void {
    this.#order.hear(["run", id]);
    this.runs.set(id, heard);
    const automation = this.automations.get(id);
    if (!automation) return;
    const started = heard.phase === "started";
    const more = started ? 1 : ENDED.includes(heard.phase) ? -1 : 0;
    this.automations.set(id, {
      ...automation,
      active_runs: Math.max(0, automation.active_runs + more),
      last_fired_at: started ? heard.at : (automation.last_fired_at ?? null),
    });
  }

  #outcome(device: string, outcome: Outcome, hasEnded: boolean): void {
    const key = wishKey(device, outcome.endpoint, outcome.attribute);
    // A newer command has taken its place, and says itself what becomes of it.
    if (outcome.reason === "superseded") return;
    this.#order.hear(["wish", key]);
    this.wishes.set(key, {
      value: outcome.value,
      // What nobody can read back ends so.
      status: hasEnded && outcome.status === "acknowledged" ? "taken" : (outcome.status as Wish["status"]),
      reason: outcome.reason ?? null,
      detail: outcome.detail ?? null,
    });
  }

  #wishesOf(device: Device, asked = Infinity): void {
    for (const endpoint of device.endpoints) {
      for (const { name, state } of endpoint.attributes) {
        const key = wishKey(device.id, endpoint.id, name);
        if (this.#order.isHeardSince(asked, ["wish", key])) continue;
        const isWanted = state.desired !== null && state.desired !== undefined;
        if (isWanted) this.wishes.set(key, { value: state.desired, status: "sent", reason: null, detail: null });
        else if (!this.wishes.has(key)) this.wishes.set(key, NO_WISH);
      }
    }
  }
}

function fill<T>(table: SvelteMap<string, T>, things: T[], key: (thing: T) => string): void {
  const kept = new Set(things.map(key));
  for (const known of [...table.keys()]) if (!kept.has(known)) table.delete(known);
  for (const thing of things) table.set(key(thing), thing);
}
