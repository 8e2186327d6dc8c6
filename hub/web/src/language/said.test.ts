import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { learn, speak } from "./language.svelte";
import { placeWords } from "./place";
import { alertText, findingText, noticeText, problemText, reasonText } from "./said";

vi.stubGlobal("document", { documentElement: { lang: "" } });

type Words = Record<string, string>;
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const read = (language: string, folder: string): Words =>
  Object.assign(
    {},
    ...readdirSync(`messages/${language}${folder}`)
      .filter((file) => file.endsWith(".json"))
      .map((file) => json(`messages/${language}${folder}/${file}`)),
  );

/** What the hub can say, as a test of the hub keeps it. */
const listed: Record<"alerts" | "cases" | "failures" | "findings" | "problems" | "reasons", string[]> =
  json("../api/said.json");

/** What has no words of its own, and why. */
const UNSAID: Words = {
  upgrade_required: "The app always comes to the stream with a WebSocket.",
  superseded: "Somebody wanted something else since; what became of that is said.",
  clock_untrusted: "It is an alert of the core, not a finding.",
  nobody: "Its code says to log in.",
  session_over: "Its code says to log in.",
  presence_token: "Such a token is for other programs.",
  words_of_driver: "Only the driver has words for it; its code says the rest.",
  fails: "What the rule did stands beside it.",
  cannot_run: "What is wrong stands beside it.",
};

const languages = readdirSync("messages");

describe.each(languages)("what the hub says, in %s", (language) => {
  const words = read(language, "/said");
  const without = (list: string[], key: (code: string) => string, all: Words) =>
    list.filter((code) => !(code in UNSAID) && !(key(code) in all));

  test("has words for every code", () => {
    expect(without(listed.problems, (code) => `said.problem.${code}`, words)).toEqual([]);
    expect(without(listed.findings, (code) => `said.finding.${code}`, words)).toEqual([]);
    expect(without(listed.reasons, (code) => `said.reason.${code}`, words)).toEqual([]);
    expect(without(listed.alerts, (code) => `said.alert.${code}`, words)).toEqual([]);
    expect(without(listed.failures, (code) => `reason.${code}`, read(language, ""))).toEqual([]);
  });

  test("has words for every case of a code", () => {
    const said = new Set(Object.keys(words).map((key) => key.split(".").at(-1) ?? ""));
    expect(listed.cases.filter((one) => !(one in UNSAID) && !said.has(one))).toEqual([]);
  });

  test("is as in English", () => {
    const english = read("en", "/said");
    const places = (text: string | undefined) =>
      [...(text ?? "").matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(words)) expect(places(text), key).toEqual(places(english[key]));
  });
});

test("what is listed as unsaid is still said by the hub", () => {
  const all = Object.values(listed).flat();
  expect(Object.keys(UNSAID).filter((code) => !all.includes(code))).toEqual([]);
});

describe("in German", () => {
  beforeAll(async () => {
    await speak("de");
    await learn();
  });

  test("places in a rule have words", () => {
    expect(placeWords("actions[0].command")).toBe("erste Aktion, der Befehl");
    expect(placeWords("actions[6].then[1].delay")).toBe("7. Aktion, dann, zweite Aktion, die Wartezeit");
    expect(placeWords("triggers[1].state.to")).toBe("zweiter Auslöser, der Zustand, was es wird");
    expect(placeWords("conditions[0].or[2]")).toBe("erste Bedingung, eine davon, dritte Bedingung");
    expect(placeWords("")).toBe("");
  });

  test("findings are said with what varies in them", () => {
    const message = 'there is no device "Lampe"';
    expect(findingText({ code: "unknown_name", case: "device", params: { name: "Lampe" }, message })).toBe(
      "Es gibt kein Gerät „Lampe“.",
    );
    expect(
      findingText({
        code: "bad_value",
        case: "not_between",
        params: { attribute: "brightness", min: "0", max: "100", unit: "%" },
        message,
      }),
    ).toBe("„Helligkeit“ geht von 0 bis 100 %.");
    expect(findingText({ code: "never_true", case: "together", params: { place: "conditions[0]" }, message })).toBe(
      "Die Regel kann nie handeln: Dies und erste Bedingung können nicht zugleich gelten.",
    );
  });

  test("what a newer hub says is said in its own words", () => {
    expect(findingText({ code: "brand_new", message: "something else" })).toBe("Something else");
    expect(problemText({ code: "brand_new", detail: "Something else." })).toBeNull();
    expect(findingText({ code: "unknown_name", case: "brand_new", message: "no such thing" })).toBe(
      "Hier steht der Name von etwas, das es nicht gibt.",
    );
  });

  test("who may not do something is told why", () => {
    const params = { name: "Anna", from: "07:00:00", to: "20:30", days: "mon, tue", now: "21:10" };
    const reason = { code: "outside_window", text: "Anna may …", params };
    expect(problemText({ code: "not_allowed", detail: "Anna may …", reasons: [reason] })).toBe(reasonText(reason));
    expect(reasonText({ ...reason, params: { ...params, from: "07:00" } })).toBe(
      "Anna darf das von 07:00 bis 20:30 am Montag, Dienstag. Jetzt ist es 21:10.",
    );
    expect(
      reasonText({
        code: "value_out_of_limits",
        text: "",
        params: { name: "Anna", attribute: "brightness", max: "22" },
      }),
    ).toBe("Anna darf „Helligkeit“ auf 22 oder weniger einstellen.");
  });

  test("a refused rule says where and what", () => {
    const finding = {
      code: "missing",
      case: "device",
      path: "actions[0].command",
      message: "name at least one device",
    };
    expect(problemText({ code: "rule_invalid", detail: "The rule has errors.", findings: [finding] })).toBe(
      "Die Regel hat Fehler. Erste Aktion, der Befehl: Wählen Sie mindestens ein Gerät.",
    );
  });

  test("alerts name what they are about", () => {
    const nameOf = (id: string) => ({ "zigbee:0x1": "Küche" })[id] ?? id;
    expect(alertText({ code: "smoke:zigbee:0x1", text: "Küche detects smoke." }, nameOf)).toBe("Küche meldet Rauch.");
    const alert = { code: "smoke:zigbee:0x1", over: true };
    expect(noticeText({ message: "No smoke …", alert }, nameOf)).toBe("Vorbei: Küche meldet Rauch.");
    expect(noticeText({ message: "Die Wäsche ist fertig" }, nameOf)).toBe("Die Wäsche ist fertig");
  });
});

test("in English the hub's own sentence stands where the app has no more exact one", async () => {
  await speak("en");
  await learn();
  expect(problemText({ code: "not_possible", case: "words_of_driver", detail: "The stick has no memory." })).toBeNull();
  expect(problemText({ code: "wrong_setup_code", detail: "…" })).toContain("set-up code");
});
