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

const host = (): Host => ({ user: { id: "cleo", role: "child" } as never, live: new LiveHome(), renew: vi.fn() });

test("a rule that changed is read, and one that is gone is gone", async () => {
  answers = { "/automations/hall": { id: "hall", name: "Hall at night", document: {} } };
  const [changes, home] = [new Changes(), host()];
  home.live.automations.set("old", { id: "old" } as never);
  await changes.take(home, "automation", "hall");
  await changes.take(home, "automation", "old");
  expect([...home.live.automations.values()]).toEqual([{ id: "hall", name: "Hall at night" }]);
});

test("pages are told of the one that they show, and of its list", async () => {
  const [changes, home] = [new Changes(), host()];
  await changes.take(home, "scene", "evening");
  expect([changes.of("scene"), changes.of("scene", "evening"), changes.of("scene", "night")]).toEqual([1, 1, 0]);
  changes.missed();
  expect(changes.of("scene", "night")).toBe(1);
});

test("another role or other permissions want a new picture, another person's account does not", async () => {
  answers = { "/users/me": { id: "cleo", role: "guest" } };
  const [changes, home] = [new Changes(), host()];
  await changes.take(home, "user", "ben");
  expect(asked).toEqual([]);
  expect(home.renew).not.toHaveBeenCalled();
  await changes.take(home, "user", "cleo");
  expect(home.user?.role).toBe("guest");
  expect(home.renew).toHaveBeenCalledTimes(1);
  await changes.take(home, "permissions", null);
  expect(home.renew).toHaveBeenCalledTimes(2);
});
