import { expect, test } from "vitest";
import { browserName, keptOf } from "./push";

test("a browser has a name that people know", () => {
  const pixel =
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
  const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1";
  expect(browserName(pixel)).toBe("Chrome, Android");
  expect(browserName(phone)).toBe("Safari, iPhone");
  expect(browserName("curl/8")).toBe("Browser");
});

test("what a browser remembers of its channel is read with care", () => {
  expect(keptOf('{"user":"user-1","channel":"c-1"}')).toEqual({ user: "user-1", channel: "c-1" });
  for (const text of [null, "", "null", "7", '{"user":"user-1"}', "{"]) expect(keptOf(text)).toBeNull();
});
