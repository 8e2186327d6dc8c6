/** What happened, in one line: the events of the stream in words. */
import type { Attribute, Command, HomeEvent } from "../api/words";
import { attributeName, human, phrase, valueText, type Units } from "../format/value";
import { t, tOr } from "../language/language.svelte";
import { alertText, driverText, noticeText, readsHub } from "../language/said";

/** What things and people are called, as far as it is known. */
export interface Names {
  device(id: string): string;
  automation(id: string): string;
  person(id: string): string;
  area(id: string): string;
  attribute(device: string, endpoint: number, name: string): Attribute | undefined;
  units: Units;
}

export type Kind = "values" | "commands" | "rules" | "home" | "troubles";

export const kinds: Kind[] = ["values", "commands", "rules", "home", "troubles"];

const KINDS: Record<HomeEvent["kind"], Kind> = {
  state_changed: "values",
  device_event: "values",
  availability_changed: "troubles",
  device_added: "home",
  device_updated: "home",
  device_removed: "home",
  command: "commands",
  automation_run: "rules",
  driver_status: "troubles",
  pairing: "home",
  mode_changed: "home",
  presence_changed: "home",
  webhook: "home",
  notification: "home",
  alert: "troubles",
  changed: "home",
};

export function kindOf(event: HomeEvent): Kind {
  return KINDS[event.kind] ?? "home";
}

export interface Line {
  /** The device, rule or person that it is about. */
  about: string;
  text: string;
  /** The address of its page. */
  href: string | null;
  /** Why it is so. */
  cause: string;
}

/** One line of it; null = a step on the way, of which the end will be told. */
export function line(event: HomeEvent, names: Names): Line | null {
  const told = tell(event, names);
  return told && { href: null, ...told, cause: causeText(event, names) };
}

/** What a device or rule is called. */
const thing = (names: Names) => (id: string) => {
  const device = names.device(id);
  return device === id ? names.automation(id) : device;
};

type Told = Pick<Line, "about" | "text"> & Partial<Line>;

const ofDevice = (id: string, names: Names) => ({
  about: names.device(id),
  href: `/devices/${encodeURIComponent(id)}`,
});

function tell(event: HomeEvent, names: Names): Told | null {
  switch (event.kind) {
    case "state_changed": {
      const attribute = names.attribute(event.device, event.endpoint, event.attribute);
      const shape = attribute ?? { name: event.attribute, kind: "text", unit: null };
      const [from, to] = [event.from, event.to].map((value) => valueText(shape, value, names.units));
      return {
        ...ofDevice(event.device, names),
        text: t("system.event.state_changed", { name: attributeName(event.attribute), from: from ?? "", to: to ?? "" }),
      };
    }
    case "device_event":
      return {
        ...ofDevice(event.device, names),
        text: `${attributeName(event.attribute)}: ${typeof event.value === "string" ? human(event.value) : JSON.stringify(event.value)}`,
      };
    case "availability_changed":
      return { ...ofDevice(event.device, names), text: tOr(`system.event.available.${event.to}`, event.to) };
    case "device_added":
    case "device_updated":
    case "device_removed":
      return { ...ofDevice(event.device, names), text: t(`system.event.${event.kind}`) };
    case "command": {
      if (!event.ended_at) return null;
      return {
        ...ofDevice(event.device, names),
        text: t("system.event.command", {
          what: wanted(event, names),
          end: tOr(`system.event.command.${event.status}`, event.status),
        }),
      };
    }
    case "automation_run":
      return {
        about: names.automation(event.automation),
        href: `/rules/${encodeURIComponent(event.automation)}`,
        text: [tOr(`system.event.run.${event.phase}`, human(event.phase)), readsHub() && event.detail]
          .filter(Boolean)
          .join(": "),
      };
    case "driver_status":
      return {
        about: event.driver,
        href: `/drivers/${encodeURIComponent(event.driver)}`,
        text: [tOr(`driver_state.${event.state}`, event.state), driverText(event.state, event.detail)]
          .filter(Boolean)
          .join(": "),
      };
    case "pairing":
      return { about: event.driver, text: tOr(`pair.stage.${event.stage}`, event.next_step || human(event.stage)) };
    case "mode_changed": {
      const mode = (name: string) => tOr(`settings.mode.${name}`, human(name));
      return {
        about: t("nav.home"),
        text: t("system.event.mode_changed", { from: mode(event.from), to: mode(event.to) }),
      };
    }
    case "presence_changed":
      return {
        about: names.person(event.person),
        text: t("system.event.presence_changed", { to: tOr(`system.event.presence.${event.to}`, event.to) }),
      };
    case "webhook":
      return { about: t("nav.home"), text: t("system.event.webhook") };
    case "notification":
      return { about: event.title ?? t("nav.messages"), text: noticeText(event, thing(names)) };
    case "alert":
      return {
        about: t(event.resolved ? "system.event.resolved" : "system.event.alert"),
        text: alertText(event, thing(names)),
      };
    case "changed":
      return changed(event.what, event.id ?? "", names);
    default:
      return { about: (event as { kind: string }).kind, text: "" };
  }
}

/** What somebody made of the home. Of the rest other lines tell, or it is nobody's but one's own. */
function changed(what: string, id: string, names: Names): Told | null {
  const text = t("system.event.changed");
  switch (what) {
    case "automation":
      return { about: names.automation(id), href: `/rules/${encodeURIComponent(id)}`, text };
    case "area":
      return { about: names.area(id), href: "/settings/rooms", text };
    case "home":
      return { about: t("settings.home.title"), href: "/settings/home", text };
    default:
      return null;
  }
}

/** What a command is to set. */
export function wanted({ device, outcomes }: Pick<Command, "device" | "outcomes">, names: Names): string {
  const sets = outcomes.map(({ endpoint, attribute, value }) => {
    const shape = names.attribute(device, endpoint, attribute) ?? { name: attribute, kind: "text", unit: null };
    return phrase(attribute, value, valueText(shape, value, names.units));
  });
  return sets.join(", ");
}

/** By whom or what it was done. */
export function causeText({ cause }: Pick<Command, "cause">, names: Names): string {
  switch (cause?.kind) {
    case "person":
      return t("system.cause.person", { name: names.person(cause.user) });
    case "rule":
      return t("system.cause.rule", { name: names.automation(cause.automation) });
    case "report":
    case "system":
      return "";
    default:
      return tOr(`system.cause.${cause?.kind}`, "");
  }
}
