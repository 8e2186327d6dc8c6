/** What a person prefers: kept by the hub for the account, so that each of their browsers knows it; the theme is known to
 *  this browser too, for the first moment. */
import { body, hub } from "../api/client";
import type { Units } from "../format/value";
import { speakWhatIsWanted } from "../language/language.svelte";
import { changeNewest } from "./overtaken";
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

/** What the hub keeps, with the tag of that. */
async function read(): Promise<{ value: Preferences; tag: string }> {
  const { data, response } = await hub.GET("/api/v1/users/me/preferences");
  const { web = {} } = data as { web?: Preferences };
  return { value: web, tag: response.headers.get("etag") ?? "" };
}

async function write(web: Preferences, tag: string): Promise<Preferences> {
  // A merge patch, so that what other apps of the person keep there stays.
  const header = tag ? { "If-Match": tag } : {};
  const kept = await body(hub.PATCH("/api/v1/users/me/preferences", { params: { header }, body: { web } as never }));
  return (kept as { web?: Preferences }).web ?? {};
}

export async function loadPreferences(): Promise<void> {
  const { value } = await read();
  // What somebody likes best is theirs; how things are written is for who reads.
  take(session.viewAs.person ? { ...value, favourites: [] } : value);
  await inForce();
}

/** What was pressed first is written first. */
let before: Promise<unknown> = Promise.resolve();
let pressed = 0;

/** Other tabs of this browser show the same person's home: what is kept in one, the others read. */
const tabs = new BroadcastChannel("preferences");
tabs.onmessage = () => void before.then(loadPreferences).catch(() => {});

/** Changes some, on top of what other devices of the person have changed; null = as it is without a preference. It is to be
 *  seen at once; what cannot be kept is taken back, and told by a {@link Refusal}. */
export async function prefer(change: Preferences | ((newest: Preferences) => Preferences)): Promise<void> {
  const apply = (newest: Preferences) => ({ ...newest, ...(typeof change === "function" ? change(newest) : change) });
  take(apply(own.preferences));
  await inForce();
  const turn = (pressed += 1);
  const written = before.then(() => changeNewest(read, apply, write));
  before = written.catch(() => {});
  try {
    const kept = await written;
    tabs.postMessage(null);
    // What was pressed since is to be seen until it is written too.
    if (turn === pressed) take(kept);
  } catch (problem) {
    await loadPreferences().catch(() => {});
    throw problem;
  } finally {
    await inForce();
  }
}

function take(preferences: Preferences): void {
  own.preferences = preferences;
}

async function inForce(): Promise<void> {
  const { theme, language } = own.preferences;
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  localStorage.setItem("theme", theme ?? "");
  await speakWhatIsWanted(language ?? null);
}
