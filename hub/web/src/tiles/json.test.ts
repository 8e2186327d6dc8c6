import { expect, test } from "vitest";
import { example, read, type PartSchema } from "./json";

const warning: PartSchema = {
  name: "warning",
  kind: "composite",
  fields: [
    { name: "mode", kind: "enum", values: ["stop", "burglar"] },
    { name: "duration", kind: "number", min: 0, max: 1800 },
    { name: "levels", kind: "list", item: { kind: "number", max: 3 } },
  ],
};

test("what fits is taken", () => {
  expect(read('{"mode": "burglar", "duration": 10, "levels": [1, 2]}', warning)).toEqual({
    value: { mode: "burglar", duration: 10, levels: [1, 2] },
  });
});

test.each([
  ["{mode: 1}", "not_json", ""],
  ["[]", "wrong_kind", ""],
  ['{"mood": 1}', "unknown_field", "mood"],
  ['{"mode": "fire"}', "not_a_value", "mode"],
  ['{"duration": 9999}', "too_great", "duration"],
  ['{"duration": -1}', "too_small", "duration"],
  ['{"levels": [1, 4]}', "too_great", "levels[1]"],
])("%s is refused: %s", (text, word, place) => {
  expect(read(text, warning)).toMatchObject({ fault: { word, place } });
});

test("an example is something that fits", () => {
  expect(read(JSON.stringify(example(warning)), warning)).toHaveProperty("value");
});
