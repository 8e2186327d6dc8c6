/** What a page is told instead of what the hub says, for states that a simulated home does not come to by itself. */
import { gunzipSync } from "node:zlib";
import type { Page, WebSocketRoute } from "@playwright/test";

type Json = Record<string, unknown>;
interface Picture extends Json {
  devices: (Json & { id: string })[];
  drivers: Json[];
  alerts: Json[];
  automations: Json[];
}

/** Answers a request to the API; `true` = what the hub answers, changed. */
export async function answer(
  page: Page,
  path: RegExp,
  say: Json | ((real: Json) => Json),
  { method = "GET", status = 200 } = {},
): Promise<void> {
  await page.route(path, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    const json = typeof say === "function" ? say((await (await route.fetch()).json()) as Json) : say;
    await route.fulfill({ status, json });
  });
}

/** The stream with another first picture of the home; with what is returned one says more on it. */
export async function stream(
  page: Page,
  change: (picture: Picture) => void = () => {},
  /** Quiet = what happens afterwards is not told. */
  { quiet = false } = {},
): Promise<{ say: (event: Json) => void; cut: () => void }> {
  let to: WebSocketRoute | null = null;
  let id: unknown = 1;
  let isCut = false;
  await page.routeWebSocket(/\/stream$/, (socket) => {
    if (isCut) return void socket.close();
    to = socket;
    const server = socket.connectToServer();
    server.onMessage((data) => {
      const text = typeof data === "string" ? data : gunzipSync(data).toString();
      const message = JSON.parse(text) as Json;
      if (message["type"] === "snapshot") {
        id = message["id"];
        change(message as unknown as Picture);
      }
      if (quiet && message["type"] === "event") return;
      socket.send(JSON.stringify(message));
    });
  });
  let seq = 1_000_000;
  return {
    say: (event) => to?.send(JSON.stringify({ type: "event", id, seq: (seq += 1), event })),
    cut: () => {
      isCut = true;
      void to?.close();
    },
  };
}
