/** Who wrote something, in words. */
import { session } from "../home/session.svelte";
import { t } from "../language/language.svelte";
import { records } from "./records.svelte";

export function personText(author: string): string {
  if (author === "hub") return t("rules.by_hub");
  return author === session.user?.id ? t("rules.by_you") : records.names.person(author);
}
