/** A chain of causes as steps in plain words, from what began it to what came of it. */
import type { IconName } from "../../design/icons";
import type { Attribute, Command, Why, WhyLink } from "../../api/words";
import { phrase, valueText, type Units } from "../../format/value";
import { t, tOr } from "../../language/language.svelte";

export interface Step {
  icon: IconName;
  at: string | null;
  /** The device, rule or person; null = nobody in particular. */
  who: string | null;
  href: string | null;
  what: string;
  details: { text: string; tone: "soft" | "good" | "bad" }[];
}

/** What the page knows of the home. */
export interface Known {
  attribute(device: string, endpoint: number, name: string): Attribute | undefined;
  device(id: string): string;
  rule(id: string): string;
  units: Units;
}

type Of<Kind> = Extract<WhyLink, { kind: Kind }>;
type Trigger = NonNullable<Of<"run">["trigger"]>;

export function steps(why: Why, known: Known): Step[] {
  // What a rule set is told with the device that it set it of, which is the link before.
  return why.chain.map((link, place) => step(link, known, why.chain[place - 1])).reverse();
}

const page = (device: string) => `/devices/${encodeURIComponent(device)}`;
const rule = (id: string) => `/rules/${encodeURIComponent(id)}`;

/** Of a condition on no device only its place is known, and what was: a time of day, a mode, whether it held. */
function unnamed(path: string, value: unknown): string {
  const number = Number(/\[(\d+)\]/.exec(path)?.[1] ?? 0) + 1;
  const was = value === null || value === undefined || typeof value === "boolean" ? "" : String(value);
  const name = t("why.condition", { number });
  return was && typeof value !== "object" ? `${name}: ${was}` : name;
}

/** A value of an attribute of a device, in words. */
function valued(
  known: Known,
  device: string,
  endpoint: number | null | undefined,
  name: string,
  value: unknown,
): string {
  const attribute = known.attribute(device, endpoint ?? 1, name) ?? { name, kind: "enum", unit: null };
  return valueText(attribute, value, known.units);
}

const TEXTS: Record<string, (link: WhyLink, known: Known, set: WhyLink | undefined) => Partial<Step>> = {
  state: (link, known) => {
    const { device, name, endpoint, attribute, from, to, at } = link as Of<"state">;
    const value = (what: unknown) => valued(known, device, endpoint, attribute, what);
    const isNew = from === null || from === undefined;
    return {
      icon: "device",
      at,
      who: name,
      href: page(device),
      what: isNew
        ? phrase(attribute, to, value(to))
        : phrase(attribute, to, t("why.became", { from: value(from), to: value(to) })),
    };
  },
  command: (link, known) => commanded(link as Of<"command">, known),
  run: (link, known, set) => {
    const { automation, name, started_at, trigger, conditions, masked, revision, action } = link as Of<"run">;
    const details: Step["details"] = conditions.map(({ device, endpoint, attribute, value, path, as_wanted }) => ({
      text:
        device && attribute
          ? `${known.device(device)}: ${phrase(attribute, value, valued(known, device, endpoint, attribute, value))}`
          : unnamed(path, value),
      tone: as_wanted ? "good" : "bad",
    }));
    if (action?.scene) details.push({ text: t("why.scene", { scene: action.scene }), tone: "soft" });
    else if (action && set && (set.kind === "state" || set.kind === "command")) {
      const { device } = set;
      const endpoint = set.kind === "state" ? set.endpoint : set.outcomes[0]?.endpoint;
      const done = Object.entries(action.set as Record<string, unknown>).map(([attribute, value]) =>
        phrase(attribute, value, valued(known, device, endpoint, attribute, value)),
      );
      details.push({ text: t("why.set", { who: known.device(device), what: done.join(", ") }), tone: "soft" });
    }
    if (masked) details.push({ text: t("why.masked"), tone: "soft" });
    return {
      icon: "rules",
      at: started_at ?? null,
      who: name ?? t("why.rule_gone"),
      href: name && revision !== null ? rule(automation) : null,
      what: trigger ? t("why.ran_because", { why: triggered(trigger, known) }) : t("why.ran"),
      details,
    };
  },
  person: (link) => {
    const { user, name, via } = link as Of<"person">;
    return { icon: "people", who: name, href: `/people/${encodeURIComponent(user)}`, what: tOr(`why.via.${via}`, via) };
  },
  device: (link) => {
    const { device, name, event } = link as Of<"device">;
    const what =
      typeof event === "string"
        ? t("why.event", { event: valueText({ name: "action", kind: "enum", unit: null }, event) })
        : t("why.reported");
    return { icon: "sensor", who: name, href: page(device), what };
  },
  trigger: (link, known) => ({ icon: "history", what: triggered((link as Of<"trigger">).trigger, known) }),
  restore: () => ({ what: t("why.restore") }),
  system: () => ({ what: t("why.system") }),
  schedule: () => ({ icon: "history", what: t("why.schedule") }),
  unknown: () => ({ what: t("why.unknown") }),
  hidden: (link) => ({
    icon: "lock",
    what: tOr(`why.hidden.${(link as Of<"hidden">).what}`, t("why.hidden.something")),
  }),
};

function step(link: WhyLink, known: Known, set: WhyLink | undefined): Step {
  const told = TEXTS[link.kind]?.(link, known, set) ?? { what: t("why.unknown") };
  return { icon: "info", at: null, who: null, href: null, what: "", details: [], ...told };
}

/** What set a rule off. */
function triggered(trigger: Trigger, known: Known): string {
  const { kind, device, attribute, endpoint, to, value, person, automation } = trigger;
  if (device && attribute) {
    const said = value ?? to;
    return t("why.trigger.state", {
      who: known.device(device),
      what: phrase(attribute, said, valued(known, device, endpoint, attribute, said)),
    });
  }
  return tOr(`why.trigger.${kind}`, kind, {
    who: device ? known.device(device) : (person ?? ""),
    rule: automation ? known.rule(automation) : "",
    value: typeof to === "string" ? tOr(`why.to.${to}`, to) : "",
  });
}

/** A command and how it went. */
export function commanded(command: Command, known: Known): Partial<Step> {
  const { device, outcomes, accepted_at, sent_at, acknowledged_at, confirmed_at, status, reason } = command;
  const what = outcomes
    .map(({ endpoint, attribute, value }) =>
      phrase(attribute, value, valued(known, device, endpoint, attribute, value)),
    )
    .join(", ");
  const details: Step["details"] = [];
  const after = (moment: string) => {
    const seconds = (new Date(moment).getTime() - new Date(accepted_at).getTime()) / 1000;
    return seconds < 0.05 ? t("why.at_once") : t("why.after", { seconds: Math.round(seconds * 10) / 10 });
  };
  if (sent_at) details.push({ text: `${t("why.sent")} ${after(sent_at)}`, tone: "soft" });
  if (acknowledged_at && !confirmed_at)
    details.push({ text: `${t("why.acknowledged")} ${after(acknowledged_at)}`, tone: "soft" });
  if (confirmed_at) details.push({ text: `${t("why.confirmed")} ${after(confirmed_at)}`, tone: "good" });
  if (status === "failed" || status === "expired")
    details.push({ text: tOr(`reason.${reason}`, t(`command.${status}`)), tone: "bad" });
  return { icon: "radio", at: accepted_at, who: t("why.command"), what: `${known.device(device)}: ${what}`, details };
}
