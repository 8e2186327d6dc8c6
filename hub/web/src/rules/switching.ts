/** A rule is switched to act, to decide only, or off; for a while that can be taken back. */
import type { Automation } from "../api/words";
import { undo } from "../design/undo.svelte";
import { t } from "../language/language.svelte";
import { enabledOf, SENT, type Enabled } from "./list";
import { records } from "./records.svelte";

/** What does not happen any longer is missed later than what happens: of what is switched on nothing is offered. */
const OFFERED = { off: "undo.rule_off", shadow: "undo.rule_shadow" } as const;

export async function switchRule({ id, name, enabled }: Automation, wanted: Enabled): Promise<void> {
  const before = enabledOf(enabled);
  await records.enable(id, SENT[wanted]);
  if (wanted !== "on" && wanted !== before) {
    undo.give(t(OFFERED[wanted], { name }), () => records.enable(id, SENT[before]));
  }
}
