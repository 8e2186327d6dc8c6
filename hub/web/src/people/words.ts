/** What accounts and presences are in plain words. */
import type { Person, User } from "../api/words";
import { moment } from "../format/time";
import { locale, t, tOr } from "../language/language.svelte";

export const ROLES = ["owner", "adult", "child", "guest", "installer"] as const;

/** Roles whose accounts always end. */
export const PASSING: readonly string[] = ["guest", "installer"];

export function roleName(role: string): string {
  return tOr(`people.role.${role}`, role);
}

/** What the role may, in a sentence. */
export function roleText(role: string): string {
  return tOr(`people.role_text.${role}`, "");
}

export function presenceText(presence: string | null | undefined): string {
  if (!presence || presence === "unknown") return t("people.presence.unknown");
  return tOr(`people.presence.${presence}`, presence);
}

/** What is to be said of an account beside its role: invited, over, until when, second factor. */
export function accountNotes(user: User, zone: string | undefined): string[] {
  const notes: string[] = [];
  if (user.state === "invited") {
    notes.push(
      user.invited_until ? t("people.invited_until", { at: moment(user.invited_until, zone) }) : t("people.invited"),
    );
  }
  if (user.expires_at) {
    const at = moment(user.expires_at, zone);
    notes.push(user.state === "expired" ? t("people.expired", { at }) : t("people.until", { at }));
  }
  if (user.second_factor) notes.push(t("people.factor_on"));
  return notes;
}

/** Whether a person said it, and no sign has spoken since. */
export function saidByHand(person: Person): string | null {
  const decides = person.reasons.find(({ standing }) => standing === "decides");
  return decides?.source === "manual" ? decides.says : null;
}

/** Since when: today by the time of day, before that with the day. */
export function sinceText(at: string, zone: string | undefined, now: number): string {
  const options = { timeStyle: "short", ...(zone && { timeZone: zone }) } as const;
  const isRecent = now - new Date(at).getTime() < 12 * 3_600_000;
  const when = isRecent ? new Intl.DateTimeFormat(locale(), options).format(new Date(at)) : moment(at, zone);
  return t("people.since", { when });
}

/** What a field for day and time holds, of the browser's own clock; "" = nothing. */
export function localInput(at: string | null | undefined): string {
  if (!at) return "";
  const date = new Date(at);
  const own = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return own.toISOString().slice(0, 16);
}

/** And back. */
export function fromLocalInput(text: string): string | null {
  const date = new Date(text);
  return text && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
}
