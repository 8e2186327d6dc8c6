import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { budget } from "./build/budget.ts";
import { chunks } from "./build/chunks.ts";
import { compressed } from "./build/compressed.ts";
import { shell } from "./build/shell.ts";

/** The hub that the pages of `npm run dev` talk to. */
const hub = process.env["HEARTH_HUB"] ?? "http://127.0.0.1:8080";

/** Tests have the words of all pages at once. */
const allWords = [{ find: /^.*\/messages\/en\/first$/, replacement: `${import.meta.dirname}/messages/en/index.ts` }];

export default defineConfig({
  plugins: [svelte(), budget(), shell(), compressed()],
  build: {
    emptyOutDir: false,
    // Browsers of the last four years; `light-dark()` of the tokens is what asks most.
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    // A data: address would need a hole in the Content Security Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 300,
    rolldownOptions: {
      input: { app: "index.html", "service-worker": "src/service-worker.ts" },
      output: {
        codeSplitting: { groups: chunks(import.meta.dirname) },
        // Its address must stay the same for browsers to find its next version.
        entryFileNames: (chunk) => (chunk.name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { proxy: { "/api": { target: hub, ws: true }, "/certificate": hub } },
  // Without this the tests would get the form of Svelte that runs on servers.
  resolve: process.env["VITEST"] ? { conditions: ["browser"], alias: allWords } : {},
  test: { include: ["src/**/*.test.ts", "build/**/*.test.ts"] },
});
