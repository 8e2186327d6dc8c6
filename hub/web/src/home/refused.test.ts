import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type * as Module from "./refused.svelte";

const session = vi.hoisted(() => ({ user: { role: "child" } }));
vi.mock("./session.svelte", () => ({ session }));

let refused: typeof Module.refused;
let pages: object[] = [];
let asked: string[] = [];

beforeAll(async () => {
  vi.stubGlobal("location", { origin: "http://hub" });
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.url.replace("http://hub/api/v1", ""));
    const page = pages.shift();
    return page ? Response.json(page) : Response.json({ code: "busy" }, { status: 503 });
  });
  ({ refused } = await import("./refused.svelte"));
});

beforeEach(() => {
  session.user.role = "child";
  [pages, asked] = [[], []];
});

const verdict = (code: string) => ({
  allowed: false,
  approvable: false,
  pin: false,
  reasons: [{ code, text: "", params: {} }],
});
const lamp = (code: string) => ({ device: "lamp", endpoint: 1, attribute: "on", verdict: verdict(code) });
const reasonOf = (endpoint: number) => refused.of("lamp", endpoint, "on")?.reasons[0]?.code ?? null;

test("what is refused is known by its place, over several pages", async () => {
  pages = [
    { items: [{ part: "mode", verdict: verdict("no_rule") }], next_cursor: "more" },
    { items: [lamp("outside_window")], next_cursor: null },
  ];
  await refused.read();
  expect(asked).toEqual(["/can/refused?limit=1000", "/can/refused?limit=1000&cursor=more"]);
  expect([reasonOf(1), reasonOf(2)]).toEqual(["outside_window", null]);
  expect(refused.part("mode")?.reasons[0]?.code).toBe("no_rule");
  expect(refused.part("scenes")).toBeNull();
});

test("what the person's own PIN opens is not locked", async () => {
  pages = [{ items: [lamp("needs_pin")], next_cursor: null }];
  await refused.read();
  expect(reasonOf(1)).toBeNull();
});

test("without an answer that stands which was last given", async () => {
  pages = [{ items: [lamp("no_rule")], next_cursor: null }];
  await refused.read();
  await expect(refused.read()).rejects.toThrow();
  expect(reasonOf(1)).toBe("no_rule");
});

test("owners are not asked about", async () => {
  session.user.role = "owner";
  await refused.read();
  expect(asked).toEqual([]);
  expect(reasonOf(1)).toBeNull();
});
