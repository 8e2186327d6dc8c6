import { expect, test } from "vitest";
import { offAgain } from "./off-again";

const on = { command: { device: "lamp", set: { on: true, brightness: 40 } } };

test("what is switched on is switched off again after a while", () => {
  expect(offAgain({ actions: [on] }, ["actions", 0])).toEqual({
    actions: [on, { delay: "5m" }, { command: { device: "lamp", set: { on: false } } }],
  });
});

test("it is not offered where it makes no sense", () => {
  const off = { command: { device: "lamp", set: { on: false } } };
  expect(offAgain({ actions: [off] }, ["actions", 0])).toBeNull();
  expect(offAgain({ actions: [on, { delay: "2m" }] }, ["actions", 0])).toBeNull();
  expect(offAgain({ actions: [{ delay: "2m" }] }, ["actions", 0])).toBeNull();
  expect(offAgain({ actions: on }, ["actions"])).toBeNull();
});
