import { expect, test } from "vitest";
import type { AutomationWithDocument, Device } from "../api/words";
import { homeShape } from "./home-shape";
import { records } from "./records.svelte";

const rule = (revision: number) =>
  ({
    id: "hall",
    name: "Hall",
    revision,
    document: { name: "Hall", actions: [] },
  }) as unknown as AutomationWithDocument;

test("a rule that is read anew after a run is the same document, another revision is not", async () => {
  await records.keep(async () => rule(1));
  const first = records.documents.get("hall")?.document;
  await records.keep(async () => rule(1));
  expect(records.documents.get("hall")?.document).toBe(first);
  await records.keep(async () => rule(2));
  expect(records.documents.get("hall")?.document).not.toBe(first);
});

test("the shape of the home changes with its devices, not with their values", () => {
  const lamp = (name: string, value: unknown, more = "on") =>
    ({
      id: "lamp",
      name,
      area: "hall",
      endpoints: [{ id: 1, label: null, attributes: [{ name: more, kind: "bool", state: { value } }] }],
    }) as unknown as Device;
  const shape = homeShape([lamp("Lamp", true)]);
  expect(homeShape([lamp("Lamp", false)])).toBe(shape);
  expect(homeShape([lamp("Other", true)])).not.toBe(shape);
  expect(homeShape([lamp("Lamp", true, "locked")])).not.toBe(shape);
  expect(homeShape([])).not.toBe(shape);
});
