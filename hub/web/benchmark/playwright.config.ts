import journeys from "../playwright.config.ts";
import { defineConfig } from "@playwright/test";

/** Measurements print; they assert nothing but that something was measured. */
export default defineConfig({ ...journeys, testDir: ".", testMatch: "*.bench.ts", retries: 0, timeout: 2 * 3_600_000 });
