/** What becomes of a person's own wishes, read out to them. */
import { say } from "../design/say.svelte";
import { phrase, valueText } from "../format/value";
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import type { Place, Wish } from "../home/wishes.svelte";
import { t } from "../language/language.svelte";
import { outcome } from "./outcome";

export function tell({ device, endpoint, attribute }: Place, wish: Wish): void {
  const known = session.live.attribute(device, endpoint, attribute);
  const shape = known ?? { name: attribute, kind: "text", unit: null };
  say(
    t("outcome.told", {
      device: session.live.devices.get(device)?.name ?? device,
      what: phrase(attribute, wish.value, valueText(shape, wish.value, units())),
      end: outcome(wish)?.text ?? "",
    }),
  );
}
