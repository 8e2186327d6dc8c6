/** The last day of measured values, for the tiles that one looks at: asked for one after another, so that nothing else waits. */
import { body, hub } from "../api/client";
import type { Aggregate } from "../api/words";
import type { Part } from "./kind";
import { DAY, means, type Mean } from "./spark";

/** Milliseconds: for so long an answer is good enough, also that there is none. */
export const FRESH = 1_800_000;

const known = new Map<string, { at: number; means: Mean[] }>();
let last: Promise<unknown> = Promise.resolve();

/** The means of its hours; none where the hub does not tell them. `isWanted` is asked when its turn comes. */
export function lately(device: string, part: Part, isWanted: () => boolean): Promise<Mean[]> {
  const key = `${device} ${part.endpoint} ${part.attribute.name}`;
  const turn = last.then(async () => {
    const now = Date.now();
    const found = known.get(key);
    if (found && (now - found.at < FRESH || !isWanted())) return found.means;
    if (!isWanted()) return [];
    const answer = { at: now, means: await ask(device, part, now) };
    known.set(key, answer);
    return answer.means;
  });
  last = turn;
  return turn;
}

function ask(device: string, part: Part, now: number): Promise<Mean[]> {
  const query = {
    attribute: part.attribute.name,
    endpoint: String(part.endpoint),
    from: new Date(now - DAY).toISOString(),
    to: new Date(now).toISOString(),
    resolution: "1h" as const,
  };
  return body(hub.GET("/api/v1/devices/{id}/history", { params: { path: { id: device }, query } })).then(
    ({ items }) => means(items as Aggregate[]),
    () => [],
  );
}
