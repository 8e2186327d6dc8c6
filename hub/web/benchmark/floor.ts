/** What no app can fall below: a page that shows a button once it has brought the same bytes, and a button that does nothing
 *  but change. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { CDPSession } from "@playwright/test";
import { freePort } from "../journeys/hub";

const BUTTON = `<button role="switch" aria-checked="false" onclick="this.setAttribute('aria-checked','true')">x</button>`;
const PAGE = `<!doctype html><title>Floor</title><body>`;

/** Serves the page; with `?bytes=N` it asks for so many more by a script, which brings the button. */
export async function floor(): Promise<{ address: (bytes: number) => string; end: () => void }> {
  const port = await freePort();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://floor");
    const bytes = Number(searchParams.get("bytes"));
    const isScript = pathname === "/rest.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    // A comment, so that nothing has to be understood.
    const filling = randomBytes(Math.max(2, bytes / 2)).toString("hex");
    if (isScript) response.end(`/*${filling}*/ document.body.innerHTML = ${JSON.stringify(BUTTON)};`);
    else response.end(PAGE + (bytes ? `<script type="module" src="/rest.js?bytes=${bytes}"></script>` : BUTTON));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    address: (bytes) => `http://127.0.0.1:${port}/${bytes ? `?bytes=${bytes}` : ""}`,
    end: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Counts what comes over the network: `begin` anew, `bytes` so far. */
export function traffic(session: CDPSession): { begin: () => void; bytes: () => number } {
  let bytes = 0;
  session.on("Network.dataReceived", ({ encodedDataLength }) => (bytes += encodedDataLength));
  session.on("Network.responseReceived", ({ response }) => (bytes += response.encodedDataLength));
  session.on("Network.webSocketFrameReceived", ({ response: { opcode, payloadData } }) => {
    // What is no text is told in base64.
    bytes += opcode === 1 ? payloadData.length : (payloadData.length * 3) / 4;
  });
  return { begin: () => (bytes = 0), bytes: () => bytes };
}
