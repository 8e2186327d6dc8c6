import { expect, test } from "vitest";
import type { SceneOutcome } from "../api/words";
import type { Wish } from "../home/wishes.svelte";
import { fates, summary } from "./outcome";

const device = (id: string, status: string, more: object = {}) => ({
  device: id,
  endpoint: 1,
  status,
  pin: false,
  command: {
    ended_at: null,
    outcomes: [{ endpoint: 1, attribute: "on", value: true, status, ...more }],
  },
});
const scene = (...devices: object[]) => ({ scene: "x", status: "sent", devices }) as unknown as SceneOutcome;
const wish = (status: Wish["status"], reason: string | null = null): Wish => ({
  value: true,
  status,
  reason,
  detail: null,
});
const nothing = () => undefined;

test("what the answer knows is taken from it", () => {
  const ended = device("lamp", "confirmed");
  const all = fates(scene({ ...ended, command: { ...ended.command, ended_at: "now" } }), nothing);
  expect(all).toEqual([{ device: "lamp", fate: "done", why: "", pin: false }]);
  expect(summary(all, "Film")).toEqual({ text: "“Film” is set.", tone: "good" });
});

test("what is under way is told by the stream", () => {
  const outcome = scene(device("lamp", "sent"));
  expect(fates(outcome, nothing)[0]?.fate).toBe("under_way");
  expect(fates(outcome, () => wish("confirmed"))[0]?.fate).toBe("done");
  const failed = fates(outcome, () => wish("failed", "unreachable"));
  expect(failed[0]).toMatchObject({ fate: "failed", why: "The device cannot be reached." });
  expect(summary(failed, "Film").tone).toBe("bad");
});

test("a device that could not be commanded failed, and the worst of its parts counts", () => {
  const gone = { device: "gone", status: "failed", reason: "x", detail: "There is no such device.", pin: false };
  const all = fates(
    scene(gone, device("duo", "confirmed", { reason: "superseded" }), device("duo", "failed")),
    nothing,
  );
  expect(all.map(({ device, fate }) => [device, fate])).toEqual([
    ["gone", "failed"],
    ["duo", "failed"],
  ]);
  expect(all[0]?.why).toBe("There is no such device.");
});
