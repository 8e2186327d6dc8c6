/** What became of a scene, device by device. */
import type { SceneOutcome } from "../api/words";
import { isUnderWay, type Wish } from "../home/wishes.svelte";
import { t, tOr } from "../language/language.svelte";

type DeviceOutcome = SceneOutcome["devices"][number];

export type Fate = "done" | "under_way" | "failed";

export interface Fared {
  device: string;
  fate: Fate;
  /** Why it failed, in words. */
  why: string;
  /** Whether it would have been done with the person's PIN. */
  pin: boolean;
}

/** The newest word of the stream on one attribute: on this command, else on what came after it. */
export type WishOf = (
  device: string,
  endpoint: number,
  attribute: string,
  command: string,
) => Pick<Wish, "status" | "reason" | "detail"> | undefined;

const ENDED_WELL = ["confirmed", "acknowledged"];
const ENDED_BADLY = ["failed", "expired"];

function why(reason: string | null | undefined, detail: string | null | undefined): string {
  return tOr(`reason.${reason}`, detail || t("command.failed"));
}

/** One device: the worst of its attributes. What was still open in the answer is told by the stream. */
export function fared(outcome: DeviceOutcome, wishOf: WishOf): Fared {
  const { device, command, pin } = outcome;
  const failed = (reason?: string | null, detail?: string | null): Fared => ({
    device,
    fate: "failed",
    why: why(reason, detail),
    pin,
  });
  if (!command) {
    if (ENDED_BADLY.includes(outcome.status)) return failed(outcome.reason, outcome.detail);
    return { device, fate: ENDED_WELL.includes(outcome.status) ? "done" : "under_way", why: "", pin };
  }
  let isOpen = false;
  for (const one of command.outcomes) {
    // A later command took its place: somebody wanted something else.
    if (one.reason === "superseded") continue;
    const isOver = command.ended_at != null || ENDED_BADLY.includes(one.status);
    const newest = isOver ? undefined : wishOf(device, one.endpoint, one.attribute, command.id);
    const { status, reason, detail } = newest ?? one;
    if (ENDED_BADLY.includes(status)) return failed(reason, detail);
    if (newest ? isUnderWay(newest) : !isOver) isOpen = true;
  }
  return { device, fate: isOpen ? "under_way" : "done", why: "", pin };
}

/** One line for each device; with several endpoints the worst of them. */
export function fates(outcome: SceneOutcome, wishOf: WishOf): Fared[] {
  const worst: Fate[] = ["done", "under_way", "failed"];
  const found = new Map<string, Fared>();
  for (const one of outcome.devices.map((device) => fared(device, wishOf))) {
    const before = found.get(one.device);
    if (!before || worst.indexOf(one.fate) > worst.indexOf(before.fate)) found.set(one.device, one);
  }
  return [...found.values()];
}

/** All in one sentence. */
export function summary(all: Fared[], name: string): { text: string; tone: "soft" | "good" | "bad" } {
  const count = (fate: Fate) => all.filter((one) => one.fate === fate).length;
  if (count("failed") > 0) {
    return { text: t("scene.some_failed", { name, count: count("failed"), of: all.length }), tone: "bad" };
  }
  if (count("under_way") > 0) return { text: t("scene.under_way", { name }), tone: "soft" };
  return { text: t("scene.done", { name }), tone: "good" };
}
