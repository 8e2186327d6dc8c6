/** The home as the page knows it: made by the stream's snapshot, kept by its events. */
import { SvelteMap } from "svelte/reactivity";
import type { Alert, Area, Attribute, Automation, Device, Driver, Home, HomeEvent, Snapshot } from "../api/words";
import { live } from "./live-device.svelte";
import { Order } from "./order";
import { wishKey, Wishes } from "./wishes.svelte";

/** What the page knows of a home. */
export type Picture = Pick<Snapshot, "home" | "devices" | "areas" | "automations" | "drivers" | "alerts">;

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
  readonly wishes = new Wishes();
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
    this.wishes.lost();
    for (const device of snapshot.devices) this.#wanted(device, asked);
  }

  /** Takes in what the hub answered about a device, but for what the stream has said since it was asked. */
  put(device: Device, asked: number): void {
    if (this.#order.isOvertaken(asked, ["device", device.id])) return;
    this.#order.answer(asked, ["device", device.id]);
    this.devices.set(device.id, live(this.#newest(device, asked)));
    this.#wanted(device, asked);
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

  /** What a device is on its way to, but for what the stream has said since. */
  #wanted(device: Device, asked?: number): void {
    if (asked === undefined) this.wishes.know(device);
    else this.wishes.know(device, (key) => this.#order.isHeardSince(asked, ["wish", key]));
  }

  /** What a device or a rule is called. */
  readonly nameOf = (id: string): string => this.devices.get(id)?.name ?? this.automations.get(id)?.name ?? id;

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
        this.wishes.reported(event, event.to);
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
        for (const { endpoint, attribute } of event.outcomes) {
          this.#order.hear(["wish", wishKey(event.device, endpoint, attribute)]);
        }
        this.wishes.hear(event);
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
}

function fill<T>(table: SvelteMap<string, T>, things: T[], key: (thing: T) => string): void {
  const kept = new Set(things.map(key));
  for (const known of [...table.keys()]) if (!kept.has(known)) table.delete(known);
  for (const thing of things) table.set(key(thing), thing);
}
