import { expect, test } from "vitest";
import { encryptedAddress } from "./encrypted";

const at = (address: string, port: number | null = 8443) => encryptedAddress(new URL(address), port);

test("the encrypted door is at the same name and leads to the same page", () => {
  expect(at("http://192.168.1.7:8080/rules?x=1")).toBe("https://192.168.1.7:8443/rules?x=1");
  expect(at("http://[fd00::2]/")).toBe("https://[fd00::2]:8443/");
});

test("what is encrypted already, or cannot be, leads nowhere", () => {
  expect(at("https://hearth.local:8443/")).toBeNull();
  expect(at("http://192.168.1.7:8080/", null)).toBeNull();
});
