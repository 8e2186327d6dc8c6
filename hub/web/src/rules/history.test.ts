import { expect, test } from "vitest";
import { begin, redo, step, undo } from "./history";

test("steps are taken back and done again", () => {
  const done = step(step(begin("a"), "b", "", 0), "c", "", 1);
  expect(undo(done).now).toBe("b");
  expect(undo(undo(undo(done))).now).toBe("a");
  expect(redo(redo(undo(undo(done)))).now).toBe("c");
  expect(redo(step(undo(done), "d", "", 2)).now).toBe("d");
});

test("typing in one place is one step", () => {
  const typed = step(step(step(begin(""), "a", "name", 0), "ab", "name", 500), "abc", "name", 900);
  expect(undo(typed).now).toBe("");
  expect(undo(step(typed, "abcd", "name", 9000)).now).toBe("abc");
  expect(undo(step(typed, "abc!", "note", 1000)).now).toBe("abc");
});
