import { readFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, test } from "vitest";

test("the types are those of the hub's description (npm run types)", async () => {
  const options = { defaultNonNullable: false, emptyObjectsUnknown: true };
  const written = astToString(await openapiTS(new URL("../../../api/openapi.json", import.meta.url), options));
  expect(readFileSync("src/api/schema.ts", "utf8").endsWith(written)).toBe(true);
});
