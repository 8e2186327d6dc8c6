/** How long ago, as one says it of what has just happened: «just now». */
import { ago } from "../format/time";
import { t } from "../language/language.svelte";

export function since(at: string, now: number): string {
  return Math.abs(Date.parse(at) - now) < 60_000 ? t("rules.just_now") : ago(at, now);
}
