import { expect, test, vi } from "vitest";
import type { Approval, Device, RequestNote } from "../api/words";
import { session } from "../home/session.svelte";
import { speak } from "../language/language.svelte";
import { isOf, requestWords } from "./request";

vi.stubGlobal("document", { documentElement: { lang: "" } });
vi.stubGlobal("navigator", { languages: [] });

const brightness = { name: "brightness", kind: "number", unit: "%" };
session.live.devices.set("lamp", {
  id: "lamp",
  name: "Badlicht",
  endpoints: [{ id: 1, label: null, attributes: [{ name: "on", kind: "bool" }, brightness] }],
} as unknown as Device);

const note = (more: Partial<RequestNote> = {}): RequestNote => ({
  id: "3",
  person: "u-mia",
  person_name: "Mia",
  device: "lamp",
  endpoint: 1,
  attribute: "on",
  value: true,
  state: "waiting",
  ...more,
});

const by = { by: "u-anna", by_name: "Anna" };

test.each([
  ["en", note(), "u-anna", "Mia would like to switch on Badlicht", ""],
  ["de", note(), "u-anna", "Mia möchte Badlicht einschalten", ""],
  [
    "en",
    note({ state: "allowed_once", ...by }),
    "u-anna",
    "Mia would like to switch on Badlicht",
    "You allowed it once.",
  ],
  ["de", note({ state: "refused", ...by }), "u-ben", "Mia möchte Badlicht einschalten", "Anna hat Nein gesagt."],
  [
    "en",
    note({ state: "taken_back", ...by }),
    "u-mia",
    "Anna took the permission back.",
    "You asked to switch on Badlicht.",
  ],
  [
    "de",
    note({ state: "unanswered" }),
    "u-mia",
    "Niemand hat rechtzeitig geantwortet.",
    "Sie wollten Badlicht einschalten.",
  ],
  [
    "en",
    note({ attribute: "brightness", value: 40 }),
    "u-anna",
    "Mia would like to set Badlicht to “Brightness 40\u202f%”",
    "",
  ],
  ["de", note({ attribute: "brightness", value: null }), "u-anna", "Mia möchte „Helligkeit“ von Badlicht ändern", ""],
])("a request in %s", async (language, told, me, title, text) => {
  await speak(language);
  expect(requestWords(told, me)).toEqual({ title, text });
});

test("a message is of a request that asks for the same, not only of one with its number", () => {
  const asked = { ...note(), since: "", until: "" } as Approval;
  expect(isOf(note(), asked)).toBe(true);
  expect(isOf(note({ endpoint: null }), { ...asked, endpoint: undefined } as unknown as Approval)).toBe(true);
  for (const other of [{ value: false }, { attribute: "locked" }, { person: "u-ben" }, { endpoint: 2 }])
    expect(isOf(note(), { ...asked, ...other } as Approval)).toBe(false);
});
