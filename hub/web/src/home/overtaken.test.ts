import { expect, test } from "vitest";
import { Refusal } from "../api/client";
import { changeNewest } from "./overtaken";

/** What a hub keeps, with its tag. */
function kept(value: string[]) {
  let tag = 1;
  return {
    get value() {
      return value;
    },
    read: async () => ({ value, tag: String(tag) }),
    write: async (changed: string[], expected: string) => {
      if (expected !== String(tag)) throw new Refusal(412, "changed", "", "");
      tag += 1;
      return (value = changed);
    },
  };
}

test("two devices that add something at once lose nothing of each other", async () => {
  const hub = kept(["lamp"]);
  const add = (one: string) => changeNewest(hub.read, (newest) => [...newest, one], hub.write);
  await Promise.all([add("door"), add("heating")]);
  expect(hub.value).toEqual(["lamp", "door", "heating"]);
});

test("a refusal is told", async () => {
  const hub = kept([]);
  const full = () => Promise.reject(new Refusal(507, "storage_full", "", ""));
  await expect(changeNewest(hub.read, (newest) => newest, full)).rejects.toMatchObject({ status: 507 });
  const always = () => Promise.reject(new Refusal(412, "changed", "", ""));
  await expect(changeNewest(hub.read, (newest) => newest, always)).rejects.toMatchObject({ status: 412 });
});
