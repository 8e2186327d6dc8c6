import { beforeEach, expect, test, vi } from "vitest";
import { Refusal } from "../../api/client";
import type { HomeEvent } from "../../api/words";

const asked = vi.hoisted(() => ({ POST: vi.fn(), DELETE: vi.fn(), listen: vi.fn() }));
vi.mock("../../api/client", async (original) => ({ ...(await original<object>()), hub: asked }));
vi.mock("../../home/session.svelte", () => ({ session: { listen: asked.listen } }));
const { Open } = await import("./open.svelte");

const kept = new Map<string, string>();
vi.stubGlobal("sessionStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});

const wanted = { action: "include", driver: "zigbee", seconds: 180, code: "12345" } as const;
const tell = (event: object) => (asked.listen.mock.lastCall?.[0] as (event: HomeEvent) => void)(event as HomeEvent);
async function opened() {
  const open = new Open();
  open.listen();
  await open.start(wanted);
  return open;
}

beforeEach(() => {
  kept.clear();
  asked.POST.mockResolvedValue({ data: { id: "s" } });
  asked.DELETE.mockReset().mockResolvedValue({});
});

test("a network that could not be closed is said to be open, and why", async () => {
  const open = await opened();
  asked.DELETE.mockRejectedValue(new Refusal(0, "no_answer", "", ""));
  if (open.mine) await open.stop(open.mine);
  expect(open.mine?.state).toBe("open");
  expect(open.problem?.code).toBe("no_answer");
  asked.DELETE.mockResolvedValue({});
  if (open.mine) await open.stop(open.mine);
  expect(open.mine?.state).toBe("closed");
  expect(open.problem).toBeNull();
});

test("one that has ended by itself is closed", async () => {
  const open = await opened();
  asked.DELETE.mockRejectedValue(new Refusal(404, "not_found", "", ""));
  if (open.mine) await open.stop(open.mine);
  expect(open.mine?.state).toBe("closed");
});

test("a reload loses nothing of it but the code", async () => {
  await opened();
  const event = { kind: "pairing", session: "s", driver: "zigbee", device: "zigbee:1", next_step: "Wait." };
  tell({ ...event, stage: "identified" });
  const again = new Open();
  again.listen();
  expect(again.mine).toMatchObject({ state: "open", newcomers: [{ device: "zigbee:1", stage: "identified" }] });
  expect(again.own?.wanted).not.toHaveProperty("code");
});

test("one whose time is over while the page was away is closed, with whom it let in", async () => {
  vi.useFakeTimers();
  await opened();
  tell({ kind: "pairing", session: "s", driver: "zigbee", device: "zigbee:1", stage: "confirmed", next_step: "" });
  vi.advanceTimersByTime(200_000);
  const again = new Open();
  again.listen();
  expect(again.mine).toMatchObject({ state: "closed", newcomers: [{ device: "zigbee:1" }] });
  vi.useRealTimers();
});
