import { expect, test } from "vitest";
import { Recent } from "../home/recent.svelte";
import { hold, readable, since } from "./hold";

const heard = (seq: number) => ({ seq, event: { kind: "alert" } as never });

test("what is held stays, however much comes", () => {
  const recent = new Recent();
  for (let seq = 1; seq <= 20; seq += 1) recent.push(heard(seq));
  const held = hold(recent);
  for (let seq = 21; seq <= 1_020; seq += 1) recent.push(heard(seq));
  expect(readable(recent, held).map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  expect(since(recent, held)).toBe(1_000);
  expect(readable(recent, null).at(-1)?.seq).toBe(1_020);
  expect(since(recent, null)).toBe(0);
});
