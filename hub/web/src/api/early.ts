/**
 * What the first view asks of the hub, asked while the app itself is still on its way: a small file of its own, which
 * imports nothing of the app. Over a slow network each question less to wait for is felt.
 */
import { browserWorld, Stream } from "./stream";

/** Remembers in this browser that somebody is logged in; the session itself is in a cookie that no script sees. */
export const IN = "in";

/** A request that a lossy network swallows must not be waited for without end. */
export const PATIENCE = 8000;
/** An app that has not come after so many milliseconds will not. */
const LATE = 30_000;

const answers = new Map<string, Promise<Response>>();
let stream: Stream | null = null;

/** The stream that is open already, once. */
export function takeStream(): Stream | null {
  const taken = stream;
  stream = null;
  return taken;
}

/** What was answered already, or will be, once. */
export function takeAnswer(path: string): Promise<Response> | undefined {
  const taken = answers.get(path);
  answers.delete(path);
  return taken;
}

function ask(path: string): void {
  const asked = fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
  // Who takes it sees that it failed; until then nobody does.
  asked.catch(() => {});
  answers.set(path, asked);
}

/** Asks. Without a session the stream would only be refused. */
export function begin(): void {
  if (localStorage.getItem(IN) !== null) {
    stream = new Stream(browserWorld());
    stream.start();
  }
  for (const path of ["/api/v1/users/me", "/api/v1/status"]) ask(path);
  setTimeout(() => {
    takeStream()?.stop();
    answers.clear();
  }, LATE);
}
