import { expect, test } from "vitest";
import type { Device } from "../../api/words";
import { groups, partKey, withHistory } from "./groups";

const attribute = (name: string, more = {}) => ({
  name,
  kind: "bool",
  access: ["read"],
  state: { value: null },
  ...more,
});
const device = {
  endpoints: [
    { id: 0, attributes: [attribute("battery"), attribute("identify", { access: ["write"], category: "config" })] },
    {
      id: 1,
      label: "left",
      attributes: [
        attribute("blub"),
        attribute("on"),
        attribute("dream", { category: "mystery" }),
        attribute("link_quality", { category: "diagnostic" }),
        attribute("action", { momentary: true }),
      ],
    },
  ],
} as unknown as Device;

const names = (list: { parts: { attribute: { name: string } }[] }[]) =>
  list.map((group) => group.parts.map((part) => part.attribute.name));

test("each attribute is shown once, what is best known first, the whole device last", () => {
  const { main, config, diagnostic } = groups(device);
  expect(names(main)).toEqual([["on", "blub", "dream", "action"], ["battery"]]);
  expect(names(config)).toEqual([["identify"]]);
  expect(names(diagnostic)).toEqual([["link_quality"]]);
});

test("what never has a state has no history", () => {
  expect(withHistory(device).map(partKey)).toEqual(["1.on", "1.blub", "1.dream", "0.battery", "1.link_quality"]);
});
