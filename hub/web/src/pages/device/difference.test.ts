import { expect, test } from "vitest";
import type { Device } from "../../api/words";
import { difference } from "./difference";

const device = (attributes: Record<string, [kind: string, access: string[]]>) =>
  ({
    endpoints: [
      { id: 1, attributes: Object.entries(attributes).map(([name, [kind, access]]) => ({ name, kind, access })) },
    ],
  }) as unknown as Device;

test("what is missing, new and other is told apart", () => {
  const old = device({ on: ["bool", ["write"]], brightness: ["number", ["write"]], mode: ["enum", ["write"]] });
  const next = device({ on: ["bool", ["read"]], mode: ["text", ["write"]], power: ["number", ["read"]] });
  const { missing, added, other } = difference(old, next);
  const names = (parts: typeof missing) => parts.map(({ attribute }) => attribute.name);
  expect([names(missing), names(added), names(other)]).toEqual([["brightness"], ["power"], ["on", "mode"]]);
});
