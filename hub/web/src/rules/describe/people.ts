/** Who comes and goes, in words. */
import { t, tOr } from "../../language/language.svelte";
import { listed, type Names } from "./names";
import { at, several, text } from "./node";

const PLACES = ["home", "away"];

/** Whom a node is about. */
function who(inner: unknown, names: Names): { kind: "person" | "anyone" | "everyone"; person: string } {
  const person = at(inner, "person");
  if (person === "anyone" || at(inner, "anyone") !== undefined) return { kind: "anyone", person: t("rules.anyone") };
  if (person === "everyone" || at(inner, "everyone") !== undefined) {
    return { kind: "everyone", person: t("rules.everyone") };
  }
  return { kind: "person", person: names.person(text(person)) };
}

/** «Anna comes home», «everybody is away». */
export function peopleText(verb: "comes" | "is", inner: unknown, places: unknown, names: Names): string {
  const { kind, person } = who(inner, names);
  const number = kind === "everyone" ? "all" : "one";
  const say = (place: unknown) => {
    const name = text(place);
    const key = PLACES.includes(name) ? name : "zone";
    return tOr(`rules.${verb}_${key}.${number}`, name, { person, place: name });
  };
  if (places === undefined) {
    const from = at(inner, "from");
    return from === undefined
      ? t("rules.moves", { person })
      : t("rules.leaves", { person, place: from === "home" ? t("rules.home_place") : text(from) });
  }
  return listed(several(places).map(say), "disjunction");
}
