import { expect, test } from "vitest";
import type { Wish } from "../home/wishes.svelte";
import { outcome } from "./outcome";

const wish = (status: Wish["status"], more: Partial<Wish> = {}): Wish => ({
  value: true,
  status,
  reason: null,
  detail: null,
  ...more,
});

test("a failure says why and what to do", () => {
  expect(outcome(wish("failed", { reason: "unreachable" }))).toEqual({
    text: "The device cannot be reached. Has it power, and is it near enough?",
    tone: "bad",
  });
});

test("what the hub refused is said in its words, with what it advises", () => {
  const refused = wish("failed", { reason: "outside_window", detail: "Not before 7.", hint: "Ask an adult." });
  expect(outcome(refused)?.text).toBe("Not before 7. Ask an adult.");
});

test("a failure that nobody knows is said to be one", () => {
  expect(outcome(wish("failed", { reason: "brand_new" }))?.text).toBe("It did not work.");
  expect(outcome(wish("none"))).toBeNull();
});

test("what came too late says what to do", () => {
  expect(outcome(wish("expired"))?.text).toContain("Try again");
});
