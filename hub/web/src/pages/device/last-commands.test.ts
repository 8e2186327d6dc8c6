import { expect, test } from "vitest";
import type { Command } from "../../api/words";
import type { NotTaken } from "../../home/wishes.svelte";
import type { Names } from "../../log/event";
import { newest, rows } from "./last-commands";

const names: Names = {
  device: (id) => id,
  automation: (id) => (id === "hall" ? "Hall light" : id),
  person: (id) => (id === "user-1" ? "Anna" : id),
  area: (id) => id,
  attribute: (_, __, name) => ({ name, kind: "bool", unit: null }) as ReturnType<Names["attribute"]>,
  units: { temperature: "°C" } as unknown as Names["units"],
};
const at = (second: number) => `2026-11-26T18:00:0${second}.000Z`;
const command = (id: string, second: number, status: string, more: Partial<Command> = {}): Command => ({
  id,
  device: "lamp",
  status,
  accepted_at: at(second),
  ended_at: status === "sent" ? null : at(second + 1),
  outcomes: [{ endpoint: 1, attribute: "on", value: true, status, reason: more.reason ?? null }],
  cause: { kind: "person", user: "user-1", via: "api" },
  ttl_ms: 10_000,
  ...more,
});
const told = (commands: Command[], notTaken: NotTaken[] = []) =>
  rows(commands, notTaken, "user-1", names).map(({ what, end, who }) => [what, end?.text, end?.tone, who].join(" | "));

test("each command stands there once, as it was heard last, the newest first", () => {
  const read = [command("b", 2, "sent"), command("a", 1, "confirmed")];
  const heard = [command("b", 2, "confirmed"), command("c", 3, "sent")];
  const ends = newest(read, heard).map(({ id, status }) => `${id} ${status}`);
  expect(ends).toEqual(["c sent", "b confirmed", "a confirmed"]);
});

test("what was heard before a break does not speak against what was read after it", () => {
  expect(newest([command("a", 1, "failed")], [command("a", 1, "sent")])[0]?.status).toBe("failed");
});

test("a row says what, by whom and what became of it", () => {
  const rule = { cause: { kind: "rule", automation: "hall", run: "r", parent: null, depth: 0 } } as const;
  expect(
    told([
      command("d", 4, "sent"),
      command("c", 3, "failed", { reason: "unreachable", ...rule }),
      command("b", 2, "failed", { reason: "superseded" }),
      command("a", 1, "acknowledged", { cause: undefined as never }),
    ]),
  ).toEqual([
    "On | Sent … | soft | by Anna",
    "On | The device cannot be reached. Has it power, and is it near enough? | bad | by the rule “Hall light”",
    "On | A newer command took its place. | soft | by Anna",
    "On | Taken. | good | ",
  ]);
});

test("what the hub did not take stands among them", () => {
  const wish = { value: false, status: "failed", reason: "not_allowed", detail: "Not before 7." } as const;
  const refused = { device: "lamp", endpoint: 1, attribute: "on", wish, at: at(2) };
  expect(told([command("b", 3, "confirmed"), command("a", 1, "confirmed")], [refused])).toEqual([
    "On | Done. | good | by Anna",
    "Off | Not before 7. | bad | by Anna",
    "On | Done. | good | by Anna",
  ]);
});
