/** What somebody asks an adult for, in words. */
import type { Approval } from "../api/words";
import { attributeName, human, valueText } from "../format/value";
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import { t } from "../language/language.svelte";
import { named } from "../tiles/readings";
import { partOf } from "./approval";

export type Wish = Pick<Approval, "device" | "endpoint" | "attribute" | "value">;

const deviceOf = ({ device }: Wish) => session.live.devices.get(device ?? "");
const isAny = ({ value }: Wish) => value === null || value === undefined;

/** The device, with its part where several have the attribute. */
export function partText(asked: Wish): string {
  const part = partOf(deviceOf(asked), asked);
  const name = deviceOf(asked)?.name ?? asked.device ?? "";
  return part ? `${name} (${human(part.label ?? String(part.endpoint))})` : name;
}

function whatText(asked: Wish): string {
  const shape = (deviceOf(asked)?.endpoints ?? [])
    .flatMap(({ attributes }) => attributes)
    .find(({ name }) => name === asked.attribute);
  const attribute = asked.attribute ?? "";
  if (isAny(asked)) return attributeName(attribute);
  return named(attribute, valueText(shape ?? { name: attribute, kind: "text", unit: null }, asked.value, units()));
}

/** What is to be done, e.g. «Hallway lamp, On». */
export function deedText(asked: Wish): string {
  return `${partText(asked)}, ${whatText(asked)}`;
}

/** Who wants what. */
export function wishText(name: string, asked: Wish): string {
  return t(isAny(asked) ? "approval.wants_any" : "approval.wants", {
    name,
    device: partText(asked),
    attribute: attributeName(asked.attribute ?? ""),
    what: whatText(asked),
  });
}
