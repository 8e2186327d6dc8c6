import { expect, test } from "vitest";
import { controlOf, fitting } from "./control";

const writable = ["read", "write", "notify"];

test.each([
  ["a switch", { name: "on", kind: "bool", access: writable }, "switch"],
  ["a lock", { name: "locked", kind: "bool", access: writable }, "lock"],
  ["what only reports", { name: "temperature", kind: "number", access: ["read"] }, "none"],
  ["percents", { name: "brightness", kind: "number", access: writable, min: 0, max: 100, step: 0.4 }, "slider"],
  ["a position without ends", { name: "position", kind: "number", access: writable }, "number"],
  ["a few stops", { name: "volume", kind: "number", access: writable, min: 0, max: 30 }, "slider"],
  ["many stops", { name: "delay", kind: "number", access: writable, min: 0, max: 65535 }, "number"],
  ["a temperature to reach", { name: "heating_setpoint", kind: "number", access: writable, min: 5, max: 30 }, "dial"],
  ["one without ends", { name: "heating_setpoint", kind: "number", access: writable }, "steps"],
  ["a choice", { name: "mode", kind: "enum", access: writable, values: ["a"] }, "choice"],
  ["what is only told", { name: "identify", kind: "enum", access: ["write"], values: ["identify"] }, "press"],
  ["a list", { name: "schedule", kind: "list", access: writable }, "json"],
  ["a kind of a newer hub", { name: "tune", kind: "melody", access: writable }, "json"],
] as const)("%s", (_, schema, control) => {
  expect(controlOf({ ...schema, access: [...schema.access], values: [] })).toBe(control);
});

test("what is wanted stays between the ends", () => {
  expect(fitting({ min: 5, max: 30 }, 31)).toBe(30);
  expect(fitting({}, -3)).toBe(-3);
});
