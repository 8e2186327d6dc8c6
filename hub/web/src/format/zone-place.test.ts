import { expect, test } from "vitest";
import { placeOfZone } from "./zone-place";

test("a zone has the place of its city", () => {
  expect(placeOfZone("Europe/Berlin")).toEqual({ city: "Berlin", latitude: 52.5, longitude: 13.4 });
  expect(placeOfZone("America/Argentina/Salta")).toMatchObject({ city: "Salta" });
  expect(placeOfZone("America/New_York")).toEqual({ city: "New York", latitude: 40.7, longitude: -74 });
  expect(placeOfZone("UTC")).toBeNull();
  expect(placeOfZone("Europe/Ber")).toBeNull();
});

test("what browsers offer is known", () => {
  const without = Intl.supportedValuesOf("timeZone").filter((zone) => zone.includes("/") && !placeOfZone(zone));
  expect(without.filter((zone) => !zone.startsWith("Etc/"))).toEqual([]);
});
