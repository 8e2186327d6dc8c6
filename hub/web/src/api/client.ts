/** Requests to the hub's API: typed by its OpenAPI document, refusals as {@link Refusal}. */
import createClient, { type Middleware } from "openapi-fetch";
import { learn, t } from "../language/language.svelte";
import { problemText } from "../language/said";
import { takeAnswer } from "./early";
import type { paths } from "./schema";

/** What the hub refused (RFC 9457), or that it did not answer: `status` 0. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly hint: string,
    /** Whether an adult's word, or the person's PIN, would help. */
    readonly helps: { approval?: boolean; pin?: boolean } = {},
  ) {
    super(detail);
  }
}

const REQUEST = /\b(GET|POST|PUT|PATCH|DELETE)\b|\/api\/|`/;

/** Hints tell programs in brackets which request helps; who reads a page has no use for that. */
export function forPeople(hint: string): string {
  const told = hint.replace(/ \([^()]*\)/g, (bracket) => (REQUEST.test(bracket) ? "" : bracket));
  return REQUEST.test(told) ? "" : told;
}

/** Told of each answer that may mean that somebody's session or role is not what the page takes it to be. */
export const doubts: { raise: () => void } = { raise: () => {} };

/** Throws what the hub refused. */
async function refuse(response: Response): Promise<never> {
  if (response.status === 401 || response.status === 403) doubts.raise();
  const problem = await response
    .clone()
    .json()
    .catch(() => ({}));
  await learn();
  const own = problem.detail ?? response.statusText;
  // Words of the app say what to do as well.
  const words = problem.code ? problemText({ ...problem, detail: own }) : null;
  throw new Refusal(
    response.status,
    problem.code ?? "unknown",
    words ?? own,
    words === null ? forPeople(problem.hint ?? "") : "",
    { approval: problem.approvable === true, pin: problem.pin === true },
  );
}

const refusing: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) await refuse(response);
  },
  onError() {
    return new Refusal(0, "no_answer", "", "");
  },
};

/** Looks with another person's eyes, for owners; null = with one's own. */
export const eyes: { person: string | null } = { person: null };

const lookingAs: Middleware = {
  onRequest({ request, schemaPath }) {
    const isReading = request.method === "GET";
    // Whose session it is stays known, and one can always leave.
    if (!eyes.person || schemaPath.startsWith("/api/v1/auth/") || (isReading && schemaPath === "/api/v1/users/me"))
      return;
    // The hub refuses this too; here it is said in the words of the page.
    if (!isReading) throw new Refusal(403, "viewing_as", t("view_as.no_changes"), "");
    request.headers.set("View-As", eyes.person);
    return request;
  },
};

/** Gives what was asked for before the app was there. What did not come then is asked for again. */
const asked: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (request.method !== "GET") return undefined;
    const response = await takeAnswer(schemaPath)?.catch(() => undefined);
    // An answer given here passes no `onResponse`.
    if (response && !response.ok) await refuse(response);
    return response;
  },
};

/** The paths of the API, by method. Cookies carry the session. */
export const hub = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "" });
hub.use(refusing, lookingAs, asked);

/** The body of an answer that has one, or its {@link Refusal}. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** A key by which the hub knows a request that comes a second time. */
export function idempotencyKey(): string {
  // `crypto.randomUUID` is not there over plain HTTP.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
