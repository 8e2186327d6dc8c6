import { expect, test } from "vitest";
import type { Area, Device, Verdict } from "../api/words";
import { cell, cellText, columns } from "./matrix";

const verdict = (allowed: boolean, rule?: string): Verdict => ({
  allowed,
  approvable: false,
  pin: false,
  reasons: [],
  ...(rule && { rule }),
});
const device = (id: string, area: string | null, capability: string, access: string[]) =>
  ({
    id,
    area,
    endpoints: [{ id: 1, capabilities: [capability], attributes: [{ name: "on", access, state: {} }] }],
  }) as unknown as Device;
const devices = [device("lamp", "hall", "light", ["read", "write"]), device("eye", null, "sensor", ["read"])];

test("columns are kinds with parts of the hub, or rooms", () => {
  expect(columns("type", devices, []).map(({ id }) => id)).toEqual([
    "light",
    "sensor",
    "part:scenes",
    "part:rules",
    "part:home",
  ]);
  const rooms = columns("room", devices, [
    { id: "hall", name: "Hall" } as Area,
    { id: "empty", name: "Empty" } as Area,
  ]);
  expect(rooms.map(({ name, things }) => [name, things])).toMatchObject([
    ["Hall", [{ device: "lamp", use: "on" }]],
    ["Without a room", [{ device: "eye", use: null }]],
  ]);
});

test("a cell says the furthest, for how many, and under which conditions", () => {
  const may = { see: verdict(true, "a"), control: verdict(true, "b"), configure: verdict(false) };
  const sees = { see: verdict(true, "a"), control: verdict(false), configure: verdict(false) };
  const rule = (id: string) => ({ id, who: {}, allow: [], ...(id === "b" && { approval: true }) });
  const found = cell([may, sees], rule);
  expect(found).toEqual({ level: "control", count: 1, of: 2, isConditional: true });
  expect(found && cellText(found)).toBe("May use (1 of 2)");
  expect(cell([sees], rule)?.isConditional).toBe(false);
  expect(cell([may, null], rule)).toBeNull();
});
