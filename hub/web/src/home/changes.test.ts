import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type * as Module from "./changes.svelte";
import type { Host } from "./changes.svelte";
import { LiveHome } from "./home.svelte";

let Changes: typeof Module.Changes;
let answers: Record<string, object> = {};
let asked: string[] = [];

beforeAll(async () => {
  vi.stubGlobal("location", { origin: "http://hub" });
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    asked.push(path);
    return answers[path] ? Response.json(answers[path]) : Response.json({ code: "not_found" }, { status: 404 });
  });
  ({ Changes } = await import("./changes.svelte"));
});

afterEach(() => {
  answers = {};
  asked = [];
});

const host = (): Host => ({
  user: { id: "cleo", role: "child" } as never,
  live: new LiveHome(),
  askAnew: vi.fn(),
  lookWho: vi.fn(async () => {}),
});

test("a rule that changed is read, and one that is gone is gone", async () => {
  answers = { "/automations/hall": { id: "hall", name: "Hall at night", document: {} } };
  const [changes, home] = [new Changes(), host()];
  home.live.automations.set("old", { id: "old" } as never);
  await changes.take(home, "automation", "hall");
  await changes.take(home, "automation", "old");
  expect([...home.live.automations.values()]).toMatchObject([{ id: "hall", name: "Hall at night" }]);
  expect(home.live.automations.get("hall")).not.toHaveProperty("document");
});

test("pages are told of the one that they show, and of its list", async () => {
  const [changes, home] = [new Changes(), host()];
  await changes.take(home, "scene", "evening");
  expect([changes.of("scene"), changes.of("scene", "evening"), changes.of("scene", "night")]).toEqual([1, 1, 0]);
  changes.missed();
  expect(changes.of("scene", "night")).toBe(1);
});

test("who looks is looked up when their account changed, and other permissions want a new picture", async () => {
  const [changes, home] = [new Changes(), host()];
  await changes.take(home, "user", "ben");
  expect(asked).toEqual([]);
  expect(home.lookWho).not.toHaveBeenCalled();
  await changes.take(home, "user", "cleo");
  expect(home.lookWho).toHaveBeenCalledTimes(1);
  expect(home.askAnew).not.toHaveBeenCalled();
  await changes.take(home, "permissions", null);
  expect(home.askAnew).toHaveBeenCalledTimes(1);
});
