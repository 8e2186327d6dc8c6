import journeys from "../playwright.config.ts";
import { defineConfig } from "@playwright/test";

/** Measurements (`*.bench.ts`) print, and assert nothing but that something was measured; `*.long.ts` are tests that take long. */
export default defineConfig({
  ...journeys,
  testDir: ".",
  testMatch: "*.{bench,long}.ts",
  retries: 0,
  timeout: 2 * 3_600_000,
  // A trace of an hour would need more room than the machine has.
  use: { ...journeys.use, trace: "off" },
});
