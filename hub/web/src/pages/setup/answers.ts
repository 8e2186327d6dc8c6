/** What was answered in the first run. */

export interface Answers {
  at: number;
  code: string;
  name: string;
  zone: string;
  latitude: string;
  longitude: string;
  username: string;
}

const KEPT = "setup";

/** How many letters and digits the code of a new hub has. */
export const CODE_LENGTH = 20;

/** Of a code that was typed what counts: the hub reads it the same way. */
export function lettersOf(code: string): string {
  return code.replace(/[^0-9A-Za-z]/g, "");
}

/** A page that is loaded anew goes on where it was, in this tab. Never the password. */
export function keep(answers: Answers): void {
  sessionStorage.setItem(KEPT, JSON.stringify(answers));
}

export function kept(): Partial<Answers> {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<Answers>;
}

/** The hub has an owner. */
export function forget(): void {
  sessionStorage.removeItem(KEPT);
}
