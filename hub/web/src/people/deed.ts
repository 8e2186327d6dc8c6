/** What somebody asks to be allowed, in the app's own names: «switch on Hallway lamp». */
import type { Approval } from "../api/words";
import { attributeName, human, valueText } from "../format/value";
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import { t, tOr } from "../language/language.svelte";
import { named } from "../tiles/readings";
import { partOf } from "./approval";

/** A request, or what a message says of one. */
export type Deed = Pick<Approval, "device" | "endpoint" | "attribute" | "value">;

const deviceOf = ({ device }: Deed) => session.live.devices.get(device ?? "");

/** The device, with the part that is meant where it has several. */
export function deviceName(deed: Deed): string {
  const part = partOf(deviceOf(deed), deed);
  const name = deviceOf(deed)?.name ?? deed.device ?? "";
  return part ? `${name} (${human(part.label ?? String(part.endpoint))})` : name;
}

/** What it is to be, e.g. «Brightness 40 %». */
export function aimText(deed: Deed): string {
  const known = (deviceOf(deed)?.endpoints ?? [])
    .flatMap(({ attributes }) => attributes)
    .find(({ name }) => name === deed.attribute);
  const shape = known ?? { name: deed.attribute ?? "", kind: "text", unit: null };
  return named(shape.name, valueText(shape as never, deed.value, units()));
}

export function deedText(deed: Deed): string {
  const device = deviceName(deed);
  const attribute = attributeName(deed.attribute ?? "");
  if (deed.value === null || deed.value === undefined) return t("approval.deed_any", { device, attribute });
  const set = t("approval.deed_set", { device, what: aimText(deed) });
  return tOr(`approval.deed.${deed.attribute}.${String(deed.value)}`, set, { device });
}

export function wishText(name: string, deed: Deed): string {
  return t("approval.wants", { name, deed: deedText(deed) });
}
