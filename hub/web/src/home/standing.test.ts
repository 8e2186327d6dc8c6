import { expect, test } from "vitest";
import { Refusal } from "../api/client";
import { standing } from "./standing";

const known = { status: { hub_id: "a" }, own: { id: "mia", role: "adult" } };
const fulfilled = <T>(value: T) => ({ status: "fulfilled", value }) as const;
const rejected = (status: number) => ({ status: "rejected", reason: new Refusal(status, "", "", "") }) as const;
const same = fulfilled({ hub_id: "a", state: "claimed" });

test.each([
  ["nothing changed", same, fulfilled(known.own), "same"],
  ["another hub has this address", fulfilled({ hub_id: "b", state: "claimed" }), rejected(401), "other_hub"],
  ["the hub was made new", fulfilled({ hub_id: "a", state: "new" }), rejected(401), "other_hub"],
  ["the session is over", same, rejected(401), "other_person"],
  ["somebody else logged in", same, fulfilled({ id: "ben", role: "adult" }), "other_person"],
  ["somebody became a child", same, fulfilled({ id: "mia", role: "child" }), "other_person"],
  ["no answer", rejected(0), rejected(0), "same"],
  ["a hub in need", rejected(503), rejected(503), "same"],
])("%s", (_, status, own, verdict) => {
  expect(standing(known, status, own)).toBe(verdict);
});
