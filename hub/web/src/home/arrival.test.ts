import { expect, test } from "vitest";
import { broughtBy } from "./arrival";

test("what is brought is told from a place of the page", () => {
  expect(broughtBy("#code=ABCD-1234")).toBe("code=ABCD-1234");
  expect(broughtBy("#content")).toBeNull();
  expect(broughtBy("")).toBeNull();
});
