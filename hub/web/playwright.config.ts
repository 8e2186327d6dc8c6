import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";

/** The distribution's own Chromium: Playwright brings none here. */
const executablePath = process.env["CHROMIUM"] ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();

export default defineConfig({
  testDir: "journeys",
  outputDir: "test-results",
  // Each starts a hub and a browser; two at once only slow each other down.
  workers: 1,
  // What takes long is for `make test-long`.
  ...(process.env["LONG"] === undefined && { grepInvert: /@long/ }),
  forbidOnly: true,
  retries: process.env["CI"] ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    launchOptions: { executablePath, args: ["--no-sandbox"] },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 390, height: 844 },
    trace: "retain-on-failure",
    // What is not there is said soon, and where.
    actionTimeout: 30_000,
  },
});
