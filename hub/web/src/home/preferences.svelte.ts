/** What a person prefers: kept by the hub for the account, so that each of their browsers knows it; the theme is known to
 *  this browser too, for the first moment. */
import { body, hub } from "../api/client";
import type { Units } from "../format/value";
import { speakWhatIsWanted } from "../language/language.svelte";
import { session } from "./session.svelte";

export interface Preferences {
  language?: string | null;
  theme?: "light" | "dark" | null;
  units?: Units | null;
  /** Ids of devices. */
  favourites?: string[];
}

class Own {
  preferences = $state<Preferences>({});
}

const own = new Own();

export function preferences(): Preferences {
  return own.preferences;
}

/** The person's units, or those of the home. */
export function units(): Units {
  return own.preferences.units ?? (session.live.home?.units === "imperial" ? "imperial" : "metric");
}

export async function loadPreferences(): Promise<void> {
  const kept = (await body(hub.GET("/api/v1/users/me/preferences"))) as { web?: Preferences };
  own.preferences = kept.web ?? {};
  await inForce();
}

/** Changes some; null = as it is without a preference. */
export async function prefer(change: Preferences): Promise<void> {
  own.preferences = { ...own.preferences, ...change };
  await inForce();
  // A merge patch, so that what other apps of the person keep there stays.
  await hub.PATCH("/api/v1/users/me/preferences", { body: { web: change } as never });
}

async function inForce(): Promise<void> {
  const { theme, language } = own.preferences;
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  localStorage.setItem("theme", theme ?? "");
  await speakWhatIsWanted(language ?? null);
}
