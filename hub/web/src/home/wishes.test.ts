import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../api/client";
import type { Command, Device } from "../api/words";
import { isUnderWay, wishKey, Wishes } from "./wishes.svelte";

const on = wishKey("lamp", 1, "on");
const at = (second: number) => `2026-11-26T18:00:${String(second).padStart(2, "0")}.000Z`;
const command = (id: string, second: number, status: string, more: { reason?: string; value?: unknown } = {}) =>
  ({
    id,
    device: "lamp",
    accepted_at: at(second),
    ended_at: ["confirmed", "failed", "expired"].includes(status) ? at(second + 1) : null,
    outcomes: [{ endpoint: 1, attribute: "on", value: true, status, ...more }],
  }) as unknown as Command;
const refusal = (code: string, helps = {}) => new Refusal(code === "no_answer" ? 0 : 403, code, "No.", "Ask.", helps);
const status = (wishes: Wishes) => wishes.get(on)?.status;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a wish", () => {
  test("is under way at once, then done, then gone", () => {
    const wishes = new Wishes();
    const turn = wishes.begin("lamp", 1, { on: true });
    expect(isUnderWay(wishes.get(on))).toBe(true);
    wishes.taken(turn, command("a", 1, "accepted"));
    wishes.hear(command("a", 1, "confirmed"));
    expect(status(wishes)).toBe("confirmed");
    vi.advanceTimersByTime(5_000);
    expect(status(wishes)).toBe("none");
  });

  test("that failed or came too late is said for a while", () => {
    for (const end of ["failed", "expired"]) {
      const wishes = new Wishes();
      wishes.hear(command("a", 1, end, { reason: "no_report" }));
      vi.advanceTimersByTime(30_000);
      expect(status(wishes)).toBe(end);
      vi.advanceTimersByTime(31_000);
      expect(status(wishes)).toBe("none");
      expect(wishes.commandsOf("lamp")).toMatchObject([{ id: "a", outcomes: [{ status: end }] }]);
      expect(wishes.notTaken).toEqual([]);
    }
  });

  test("that fails for a reason that nobody knows is gone after a while too", () => {
    const wishes = new Wishes();
    wishes.refused(wishes.begin("lamp", 1, { on: true }), refusal("brand_new"));
    expect(wishes.get(on)).toMatchObject({ status: "failed", reason: "brand_new", detail: "No.", hint: "Ask." });
    vi.advanceTimersByTime(61_000);
    expect(status(wishes)).toBe("none");
    expect(wishes.notTaken).toMatchObject([{ device: "lamp", attribute: "on", wish: { reason: "brand_new" } }]);
  });

  test("that an adult may still allow waits for the answer", () => {
    const wishes = new Wishes();
    wishes.refused(wishes.begin("lamp", 1, { on: true }), refusal("not_allowed", { approval: true }));
    vi.advanceTimersByTime(500_000);
    expect(status(wishes)).toBe("failed");
  });

  test("is not overwritten by the late refusal of the one before", () => {
    const wishes = new Wishes();
    const first = wishes.begin("lamp", 1, { on: true });
    const second = wishes.begin("lamp", 1, { on: false });
    wishes.refused(first, refusal("no_answer"));
    expect(wishes.get(on)).toMatchObject({ value: false, status: "sending" });
    wishes.taken(second, command("b", 2, "accepted", { value: false }));
    wishes.refused(first, refusal("no_answer"));
    expect(wishes.get(on)).toMatchObject({ value: false, status: "accepted" });
  });

  test("is not taken for the end of an older command", () => {
    const wishes = new Wishes();
    wishes.taken(wishes.begin("lamp", 1, { on: true }), command("a", 1, "accepted"));
    const second = wishes.begin("lamp", 1, { on: false });
    wishes.hear(command("a", 1, "confirmed"));
    expect(wishes.get(on)).toMatchObject({ value: false, status: "sending" });
    wishes.taken(second, command("b", 2, "accepted", { value: false }));
    wishes.hear(command("a", 1, "failed", { reason: "no_report" }));
    expect(wishes.get(on)).toMatchObject({ value: false, status: "accepted" });
  });

  test("whose command the stream told of first is followed from there", () => {
    const wishes = new Wishes();
    const turn = wishes.begin("lamp", 1, { on: true });
    wishes.hear(command("a", 1, "confirmed"));
    expect(status(wishes)).toBe("sending");
    wishes.taken(turn, command("a", 1, "accepted"));
    expect(status(wishes)).toBe("confirmed");
  });

  test("that was lost on its way is found again when its command is heard", () => {
    const wishes = new Wishes();
    wishes.refused(wishes.begin("lamp", 1, { on: true }), refusal("no_answer"));
    wishes.hear(command("a", 1, "confirmed"));
    expect(status(wishes)).toBe("confirmed");
  });

  test("of somebody else takes the place of an older one", () => {
    const wishes = new Wishes();
    wishes.taken(wishes.begin("lamp", 1, { on: true }), command("a", 1, "accepted"));
    wishes.hear(command("a", 1, "failed", { reason: "superseded" }));
    wishes.hear(command("b", 2, "sent", { value: false }));
    expect(wishes.get(on)).toMatchObject({ value: false, status: "sent" });
  });

  test("of this page alone is told when it is over", () => {
    const wishes = new Wishes();
    const told: string[] = [];
    wishes.ontold = ({ attribute }, wish) => told.push(`${attribute} ${wish.status}`);
    wishes.hear(command("rule", 1, "confirmed"));
    wishes.taken(wishes.begin("lamp", 1, { on: true }), command("a", 2, "accepted"));
    wishes.hear(command("a", 2, "failed", { reason: "unreachable" }));
    wishes.hear(command("a", 2, "failed", { reason: "unreachable" }));
    expect(told).toEqual(["on failed"]);
  });

  test("of this page that takes long is told of once more", () => {
    const wishes = new Wishes();
    const told: string[] = [];
    wishes.ontold = (_, wish) => told.push(wish.status);
    wishes.taken(wishes.begin("lamp", 1, { on: true }), command("a", 1, "sent"));
    vi.advanceTimersByTime(10_000);
    wishes.hear(command("a", 1, "confirmed"));
    expect(told).toEqual(["sent", "confirmed"]);
  });

  test("that failed is not said any longer when the device reports it all the same", () => {
    const wishes = new Wishes();
    wishes.hear(command("a", 1, "failed", { reason: "no_report" }));
    wishes.reported({ device: "lamp", endpoint: 1, attribute: "on" }, false);
    expect(status(wishes)).toBe("failed");
    wishes.reported({ device: "lamp", endpoint: 1, attribute: "on" }, true);
    expect(status(wishes)).toBe("none");
  });

  test("is not overwritten by what the hub still wanted when it was asked", () => {
    const wishes = new Wishes();
    wishes.begin("lamp", 1, { on: true });
    const attributes = [{ name: "on", state: { value: false, desired: false } }];
    wishes.know({ id: "lamp", endpoints: [{ id: 1, attributes }] } as unknown as Device);
    expect(wishes.get(on)).toMatchObject({ value: true, status: "sending" });
  });

  test("of one command is known by its name as long as anybody may ask", () => {
    const wishes = new Wishes();
    wishes.hear(command("a", 1, "failed", { reason: "no_report" }));
    vi.advanceTimersByTime(100_000);
    expect(wishes.ofCommand("a", 1, "on")).toMatchObject({ status: "failed", reason: "no_report" });
    for (let more = 0; more < 300; more += 1) wishes.hear(command(`more-${more}`, 2, "confirmed"));
    expect(wishes.ofCommand("a", 1, "on")).toBeUndefined();
  });
});
