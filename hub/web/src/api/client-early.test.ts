import { expect, test, vi } from "vitest";
import { begin } from "./early";

test("a refusal that was there before the app is a refusal", async () => {
  vi.stubGlobal("location", { origin: "http://hub" });
  vi.stubGlobal("localStorage", { getItem: () => null });
  vi.stubGlobal("fetch", async () =>
    Response.json({ status: 401, code: "unauthorized", detail: "Nobody is logged in." }, { status: 401 }),
  );
  vi.useFakeTimers();
  try {
    begin();
    const { hub, Refusal } = await import("./client");
    await expect(hub.GET("/api/v1/users/me")).rejects.toBeInstanceOf(Refusal);
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});
