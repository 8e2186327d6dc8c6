import { describe, expect, test } from "vitest";
import type { Device, HomeEvent, Snapshot } from "../api/words";
import { LiveHome } from "./home.svelte";
import { isUnderWay, wishKey } from "./wishes.svelte";

const lamp = (): Device =>
  ({
    id: "zigbee:0x1",
    name: "Lamp",
    area: "hall",
    availability: "online",
    driver: "zigbee",
    endpoints: [
      {
        id: 1,
        label: null,
        attributes: [
          { name: "on", kind: "bool", access: ["read", "write"], state: { value: false, desired: null } },
          {
            name: "brightness",
            kind: "number",
            unit: "%",
            access: ["read", "write"],
            state: { value: 40, desired: null },
          },
        ],
      },
    ],
    interviewed: true,
  }) as unknown as Device;

const picture = (devices: Device[]): Snapshot =>
  ({ home: { name: "Home" }, devices, areas: [], automations: [], drivers: [], alerts: [] }) as unknown as Snapshot;

function home(): LiveHome {
  const live = new LiveHome();
  live.replace(picture([lamp()]));
  return live;
}

const event = (fields: object) => fields as HomeEvent;
const on = wishKey("zigbee:0x1", 1, "on");
const command = (status: string, more: object = {}) =>
  event({
    kind: "command",
    id: "a",
    device: "zigbee:0x1",
    accepted_at: "2026-11-26T18:00:00.000Z",
    status,
    outcomes: [{ endpoint: 1, attribute: "on", value: true, status, ...more }],
  });

describe("the live home", () => {
  test("takes in what changes", () => {
    const live = home();
    const at = "2026-11-26T18:00:00.000Z";
    live.apply(
      event({
        kind: "state_changed",
        device: "zigbee:0x1",
        endpoint: 1,
        attribute: "on",
        from: false,
        to: true,
        at,
        source: "reported",
      }),
    );
    expect(live.attribute("zigbee:0x1", 1, "on")?.state).toMatchObject({ value: true, changed_at: at });
    live.apply(event({ kind: "availability_changed", device: "zigbee:0x1", from: "online", to: "offline" }));
    expect(live.devices.get("zigbee:0x1")?.availability).toBe("offline");
    live.apply(event({ kind: "device_removed", device: "zigbee:0x1" }));
    expect(live.devices.size).toBe(0);
  });

  test("asks for what it cannot tell by itself", () => {
    const live = home();
    expect(live.apply(event({ kind: "device_added", device: "zigbee:0x2" }))).toEqual({ ask: "zigbee:0x2" });
    expect(live.apply(event({ kind: "state_changed", device: "zigbee:0x1", endpoint: 1, attribute: "new" }))).toEqual({
      ask: "zigbee:0x1",
    });
  });

  test("follows a command through its life", () => {
    const live = home();
    for (const status of ["accepted", "sent", "acknowledged"]) {
      live.apply(command(status));
      expect(isUnderWay(live.wishes.get(on))).toBe(true);
    }
    live.apply(command("confirmed"));
    expect(live.wishes.get(on)?.status).toBe("confirmed");
  });

  test("what nobody can read back is taken", () => {
    const live = home();
    live.apply(command("acknowledged"));
    expect(isUnderWay(live.wishes.get(on))).toBe(true);
    live.apply({ ...command("acknowledged"), ended_at: "2026-11-26T18:00:01.000Z" } as HomeEvent);
    expect(live.wishes.get(on)?.status).toBe("taken");
  });

  test("says nothing of a command whose place a newer one has taken", () => {
    const live = home();
    live.apply(command("sent"));
    live.apply(command("failed", { reason: "superseded" }));
    expect(live.wishes.get(on)?.status).toBe("sent");
  });

  test("after a break only what the hub still wants is under way", () => {
    const live = home();
    live.apply(command("sent"));
    const wanted = lamp();
    wanted.endpoints[0]!.attributes[1]!.state.desired = 80;
    live.replace(picture([wanted]));
    expect(live.wishes.get(on)?.status).toBe("none");
    expect(live.wishes.get(wishKey("zigbee:0x1", 1, "brightness"))).toMatchObject({ value: 80, status: "sent" });
  });

  describe("an answer that is older than the stream", () => {
    const changed = (to: boolean) =>
      event({ kind: "state_changed", device: "zigbee:0x1", endpoint: 1, attribute: "on", to, at: "…" });
    const value = (live: LiveHome) => live.attribute("zigbee:0x1", 1, "on")?.state.value;

    test("takes nothing back of what was heard while it was on its way", () => {
      const live = home();
      const asked = live.ask();
      live.apply(changed(true));
      live.apply(event({ kind: "availability_changed", device: "zigbee:0x1", to: "offline" }));
      live.apply(command("sent"));
      live.put({ ...lamp(), name: "New name" }, asked);
      expect(live.devices.get("zigbee:0x1")).toMatchObject({ name: "New name", availability: "offline" });
      expect(value(live)).toBe(true);
      expect(live.wishes.get(on)?.status).toBe("sent");
      // What was heard before is in the answer already.
      live.put(lamp(), live.ask());
      expect(value(live)).toBe(false);
    });

    test("brings nothing back that is gone, and nothing over a newer answer or picture", () => {
      const live = home();
      const [first, second] = [live.ask(), live.ask()];
      live.put({ ...lamp(), name: "Second" }, second);
      live.put({ ...lamp(), name: "First" }, first);
      expect(live.devices.get("zigbee:0x1")?.name).toBe("Second");
      const late = live.ask();
      live.apply(event({ kind: "device_removed", device: "zigbee:0x1" }));
      live.put(lamp(), late);
      expect(live.devices.size).toBe(0);
      const later = live.ask();
      live.replace(picture([]));
      live.put(lamp(), later);
      expect(live.devices.size).toBe(0);
    });

    test("a picture that was asked for keeps what was heard meanwhile", () => {
      const live = home();
      const asked = live.ask();
      live.apply(changed(true));
      live.replace(picture([lamp()]), asked);
      expect(value(live)).toBe(true);
    });

    test("the mode and the runs of rules go on", () => {
      const live = home();
      const asked = live.ask();
      live.apply(event({ kind: "mode_changed", to: "night" }));
      live.automations.set("r", { id: "r", active_runs: 0 } as never);
      live.apply(event({ kind: "automation_run", automation: "r", run: "1", phase: "started", at: "…" }));
      live.putHome({ name: "New", mode: "home" } as never, asked);
      live.putAutomation({ id: "r", name: "Rule", active_runs: 0 } as never, asked);
      expect(live.home).toMatchObject({ name: "New", mode: "night" });
      expect(live.automations.get("r")).toMatchObject({ name: "Rule", active_runs: 1 });
    });
  });
});
