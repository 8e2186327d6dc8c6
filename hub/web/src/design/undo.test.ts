import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusal } from "../api/client";
import { voice } from "./say.svelte";
import { OFFERED, Undo } from "./undo.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("is offered for some seconds, longer while somebody is at it", () => {
  const undo = new Undo();
  undo.give("Renamed.", async () => {});
  vi.advanceTimersByTime(OFFERED - 1);
  undo.hold();
  vi.advanceTimersByTime(60_000);
  expect(undo.offer?.text).toBe("Renamed.");
  undo.go();
  vi.advanceTimersByTime(OFFERED);
  expect(undo.offer).toBeNull();
});

test("is read out, and takes back what was done last", async () => {
  const undo = new Undo();
  const back: string[] = [];
  undo.give("One.", async () => back.push("one"));
  undo.give("Two.", async () => back.push("two"));
  expect(voice.said.at(-1)?.text).toContain("Two.");
  await undo.take();
  expect(back).toEqual(["two"]);
  expect(undo.offer).toBeNull();
});

test("says why it could not be taken back, until that is read", async () => {
  const undo = new Undo();
  undo.give("Renamed.", () => Promise.reject(new Refusal(412, "changed", "It was changed meanwhile.", "Look.")));
  await undo.take();
  expect(undo.attempt.problem).toBe("It was changed meanwhile. Look.");
  undo.go();
  vi.advanceTimersByTime(OFFERED * 2);
  expect(undo.offer).not.toBeNull();
  undo.close();
  expect(undo.offer).toBeNull();
});
