/** The home as the page knows it: made by the stream's snapshot, kept by its events. */
import { SvelteMap } from "svelte/reactivity";
import type { Alert, Area, Attribute, Automation, Device, Driver, Home, HomeEvent, Snapshot } from "../api/words";
import { Wishes } from "./wishes.svelte";

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

  /** Puts the picture in the place of everything. */
  replace(snapshot: Picture): void {
    this.home = snapshot.home;
    fill(this.devices, snapshot.devices.map(live), (device) => device.id);
    fill(this.areas, snapshot.areas, (area) => area.id);
    fill(this.automations, snapshot.automations, (automation) => automation.id);
    fill(this.drivers, snapshot.drivers, (driver) => driver.id);
    fill(this.alerts, snapshot.alerts, (alert) => alert.code);
    // What was under way before the break may have ended in it; the values tell.
    this.wishes.lost();
    for (const device of snapshot.devices) this.wishes.know(device);
  }

  put(device: Device): void {
    this.devices.set(device.id, live(device));
    this.wishes.know(device);
  }

  attribute(device: string, endpoint: number, name: string): Attribute | undefined {
    const found = this.devices.get(device)?.endpoints.find((one) => one.id === endpoint);
    return found?.attributes.find((one) => one.name === name);
  }

  /** Takes in one event. What it cannot tell by itself is in the answer: the device to be asked for anew. */
  apply(event: HomeEvent): { ask?: string } {
    switch (event.kind) {
      case "state_changed": {
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
        const device = this.devices.get(event.device);
        if (device) device.availability = event.to;
        return {};
      }
      case "device_added":
      case "device_updated":
        return { ask: event.device };
      case "device_removed":
        this.devices.delete(event.device);
        return {};
      case "command":
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

/** A device whose parts tell the page when they change. */
function live(device: Device): Device {
  const told = $state(device);
  return told;
}

function fill<T>(table: SvelteMap<string, T>, things: T[], key: (thing: T) => string): void {
  const kept = new Set(things.map(key));
  for (const known of [...table.keys()]) if (!kept.has(known)) table.delete(known);
  for (const thing of things) table.set(key(thing), thing);
}
