import { expect, test } from "vitest";
import { Refusal } from "../../api/client";
import { doesForceHelp, mayTryAgain } from "./removal";

const refused = (status: number, code: string) => new Refusal(status, code, "", "");

test("force helps where the driver said no", () => {
  for (const code of ["refused", "timed_out", "not_possible"]) expect(doesForceHelp(refused(409, code))).toBe(true);
});

test("force does not help who may not, or where the hub is silent or full", () => {
  for (const [status, code] of [
    [403, "not_allowed"],
    [404, "not_found"],
    [0, "no_answer"],
    [412, "changed"],
    [503, "busy"],
  ] as const) {
    expect(doesForceHelp(refused(status, code))).toBe(false);
  }
  expect(doesForceHelp(null)).toBe(false);
});

test("what one may not do is not tried again", () => {
  expect(mayTryAgain(refused(403, "not_allowed"))).toBe(false);
  expect(mayTryAgain(refused(0, "no_answer"))).toBe(true);
  expect(mayTryAgain(null)).toBe(true);
});
