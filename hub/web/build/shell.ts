import { createHash } from "node:crypto";
import type { Plugin } from "vite";
import { firstView } from "./budget.ts";

/** By which names the service worker knows them; whole words that stay as they are when it is made small. */
const BUILD = "__BUILD__";
const SHELL = "__SHELL__";

/**
 * Tells the service worker which build it belongs to, and what the first view needs. Without it its file would be the same
 * in each build, and browsers would never take the next one.
 */
export function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["service-worker.js"];
        if (worker?.type !== "chunk") return this.error("there is no service worker");
        const names = Object.keys(bundle).filter((name) => name !== worker.fileName);
        const build = createHash("sha256").update(names.sort().join("\n")).digest("hex").slice(0, 12);
        const needed = firstView(bundle).map((name) => `/${name}`);
        for (const word of [BUILD, SHELL]) if (!worker.code.includes(word)) this.error(`${word} is gone`);
        worker.code = worker.code.replaceAll(BUILD, JSON.stringify(build)).replaceAll(SHELL, JSON.stringify(needed));
      },
    },
  };
}
