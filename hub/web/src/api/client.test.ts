import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type * as Client from "./client";

let client: typeof Client;
let requests: Request[] = [];
let answer: () => Response = () => Response.json({});

beforeAll(async () => {
  vi.stubGlobal("location", { origin: "http://hub.test" });
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    return answer();
  });
  client = await import("./client");
});
afterEach(() => {
  client.eyes.person = null;
  requests = [];
  answer = () => Response.json({});
});

test("an owner looks with other eyes, and changes nothing meanwhile", async () => {
  client.eyes.person = "user-mia";
  await client.hub.GET("/api/v1/home");
  expect(requests[0]?.headers.get("view-as")).toBe("user-mia");
  await expect(client.hub.POST("/api/v1/users/me/totp", { body: { password: "x" } })).rejects.toMatchObject({
    code: "viewing_as",
  });
  expect(requests).toHaveLength(1);
});

test("one can always leave, and the session stays one's own", async () => {
  client.eyes.person = "user-mia";
  await client.hub.POST("/api/v1/auth/logout");
  await client.hub.GET("/api/v1/users/me");
  expect(requests.map(({ headers }) => headers.get("view-as"))).toEqual([null, null]);
});

test("what was asked before the app was there is refused as any other request", async () => {
  vi.stubGlobal("localStorage", { getItem: () => null });
  answer = () => Response.json({ code: "unauthenticated" }, { status: 401 });
  (await import("./early")).begin();
  const asked = requests.length;
  await expect(client.hub.GET("/api/v1/users/me")).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
  expect(requests).toHaveLength(asked);
});

test("what may mean that one's role is another raises doubts", async () => {
  let raised = 0;
  client.doubts.raise = () => (raised += 1);
  for (const status of [401, 403, 404, 409, 500]) {
    answer = () => Response.json({ code: "no" }, { status });
    await client.hub.GET("/api/v1/home").catch(() => {});
  }
  expect(raised).toBe(2);
});

test("a refusal says what would help", async () => {
  answer = () => Response.json({ code: "not_allowed", detail: "No.", hint: "Ask.", approvable: true }, { status: 403 });
  await expect(client.hub.GET("/api/v1/home")).rejects.toMatchObject({
    status: 403,
    message: "No.",
    helps: { approval: true, pin: false },
  });
});

test("hints are told to people without the requests that are for programs", () => {
  expect(client.forPeople("Ask an adult (POST /api/v1/approvals).")).toBe("Ask an adult.");
  expect(client.forPeople("Give 1 to 900 seconds (180 if left out).")).toBe("Give 1 to 900 seconds (180 if left out).");
  expect(client.forPeople("Send GET /api/v1/devices.")).toBe("");
});
