/** What became of a command, in words. */
import { isUnderWay, type Wish } from "../home/wishes.svelte";
import { t, tOr } from "../language/language.svelte";

export interface Outcome {
  text: string;
  tone: "soft" | "good" | "bad";
}

/** What of a wish says how it went. */
type End = Pick<Wish, "status" | "reason" | "detail" | "hint">;

export function outcome(wish: End | undefined): Outcome | null {
  if (!wish || wish.status === "none") return null;
  if (isUnderWay(wish)) return { text: tOr(`command.${wish.status}`, wish.status), tone: "soft" };
  if (wish.status === "taken") return { text: t("command.acknowledged"), tone: "good" };
  if (wish.status === "confirmed") return { text: t("command.confirmed"), tone: "good" };
  if (wish.status === "expired") return { text: t("command.expired"), tone: "bad" };
  // Nobody has to do anything about it.
  return { text: failure(wish), tone: wish.reason === "superseded" ? "soft" : "bad" };
}

/** Why, and what to do. A refusal of the hub has words of its own for both. */
function failure({ reason, detail, hint }: End): string {
  const why = tOr(`reason.${reason}`, detail || t("command.failed"));
  const advice = tOr(`outcome.advice.${reason}`, hint || "");
  return [why, advice].filter(Boolean).join(" ");
}
