import { expect, test } from "vitest";
import { buildOf } from "./build";

const page = (...parts: string[]) => parts.map((part) => `<link href="/assets/${part}" />`).join("");

test("a build is known by the parts that its page names", () => {
  expect(buildOf(page("app-1.js", "app-1.css"))).toBe(buildOf(page("app-1.css", "app-1.js", "app-1.js")));
  expect(buildOf(page("app-1.js"))).not.toBe(buildOf(page("app-2.js")));
});

test("a page of something else is of no build", () => {
  expect(buildOf("<h1>Log in to the hotel's network</h1>")).toBe("");
});
