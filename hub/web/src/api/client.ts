/** Requests to the hub's API: typed by its OpenAPI document, refusals as {@link Refusal}. */
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./schema";

/** What the hub refused (RFC 9457), or that it did not answer: `status` 0. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly hint: string,
  ) {
    super(detail);
  }
}

const refusing: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const problem = await response
      .clone()
      .json()
      .catch(() => ({}));
    throw new Refusal(
      response.status,
      problem.code ?? "unknown",
      problem.detail ?? response.statusText,
      problem.hint ?? "",
    );
  },
  onError() {
    return new Refusal(0, "no_answer", "", "");
  },
};

/** The paths of the API, by method. Cookies carry the session. */
export const hub = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "" });
hub.use(refusing);

/** The body of an answer that has one, or its {@link Refusal}. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** A key by which the hub knows a request that comes a second time. */
export function idempotencyKey(): string {
  // `crypto.randomUUID` is not there over plain HTTP.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
