import { expect, test, vi } from "vitest";
import { requestText, type Request } from "./request";

vi.stubGlobal("navigator", { languages: ["en-GB"] });

const request = (more: Partial<Request>): Request => ({
  id: "3",
  person: "mia-1",
  person_name: "Mia",
  device: "demo:lamp",
  endpoint: null,
  attribute: "on",
  value: true,
  state: "waiting",
  by: null,
  by_name: null,
  ...more,
});

test("who may answer reads who wants what", () => {
  expect(requestText(request({}), "anna-1")).toEqual({
    title: "Mia asks for permission",
    text: "Mia wants: demo:lamp, On",
  });
  expect(requestText(request({ value: null }), "anna-1").text).toBe("Mia wants to set On of demo:lamp");
});

test("and what became of it", () => {
  const answered = { by: "ben-1", by_name: "Ben" };
  const text = (state: Request["state"]) => requestText(request({ ...answered, state }), "anna-1").text;
  expect(text("allowed_once")).toBe("Mia wants: demo:lamp, On. Ben allowed it, once.");
  expect(text("unanswered")).toBe("Mia wants: demo:lamp, On. Nobody answered in time.");
});

test("who asked reads the answer", () => {
  expect(requestText(request({ state: "refused", by: "ben-1", by_name: "Ben" }), "mia-1")).toEqual({
    title: "Ben said no.",
    text: "You asked for: demo:lamp, On",
  });
});
