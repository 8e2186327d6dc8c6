/** What the hub has kept of an attribute, for a stretch of time. */
import { body, hub } from "../../api/client";
import type { Part } from "../../tiles/kind";
import type { Row } from "./series";
import { resolution, type Resolution, type Stretch } from "./window";

export interface Kept {
  rows: Row[];
  resolution: Resolution;
  /** What held at the beginning; null = nobody knows. */
  before: unknown;
  /** There is more than a chart can show. */
  cut: boolean;
}

const MOST = 10_000;

const asked = (device: string, part: Part, { from, to }: Stretch) => ({
  path: { id: device },
  query: {
    attribute: part.attribute.name,
    endpoint: String(part.endpoint),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    resolution: resolution(part.attribute.kind, { from, to, live: false }),
  },
});

export async function kept(device: string, part: Part, stretch: Stretch, signal: AbortSignal): Promise<Kept> {
  const params = asked(device, part, stretch);
  const isRaw = params.query.resolution === "raw" && !part.attribute.momentary;
  const [page, before] = await Promise.all([
    body(
      hub.GET("/api/v1/devices/{id}/history", {
        params: { ...params, query: { ...params.query, limit: MOST } },
        signal,
      }),
    ),
    isRaw ? held(device, part, stretch.from, signal) : null,
  ]);
  return {
    rows: page.items as Row[],
    resolution: params.query.resolution,
    before,
    cut: Boolean(page.next_cursor),
  };
}

/** What it was at a moment, as far as history goes back. */
async function held(device: string, part: Part, at: number, signal: AbortSignal): Promise<unknown> {
  const query = {
    device,
    attribute: part.attribute.name,
    endpoint: String(part.endpoint),
    at: new Date(at).toISOString(),
  };
  return body(hub.GET("/api/v1/why", { params: { query }, signal })).then(
    (why) => why.value,
    () => null,
  );
}

/** The same as a file of comma-separated values. */
export async function csv(device: string, part: Part, stretch: Stretch): Promise<Blob> {
  const answer = await hub.GET("/api/v1/devices/{id}/history", {
    params: asked(device, part, stretch),
    headers: { Accept: "text/csv" },
    parseAs: "blob",
  });
  return answer.data as unknown as Blob;
}
