import journeys from "../playwright.config.ts";
import { defineConfig } from "@playwright/test";

export default defineConfig({
  ...journeys,
  testDir: ".",
  testMatch: "*.shots.ts",
  retries: 0,
  timeout: 3_600_000,
  use: { ...journeys.use, trace: "off" },
});
