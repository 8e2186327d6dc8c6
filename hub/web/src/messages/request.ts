/** A message about a request for permission, in the reader's language. */
import type { Approval, RequestNote } from "../api/words";
import { t, tOr } from "../language/language.svelte";
import { deedText, wishText } from "../people/deed";

/** Whether a message is of this request. The number alone is not enough: a hub that lost its last minutes counts anew. */
export function isOf(note: RequestNote, asked: Approval): boolean {
  const same = (value: unknown) => JSON.stringify(value ?? null);
  return (
    note.id === asked.id &&
    note.person === asked.person &&
    note.device === asked.device &&
    note.attribute === asked.attribute &&
    same(note.endpoint) === same(asked.endpoint) &&
    same(note.value) === same(asked.value)
  );
}

/** Who asked reads first what became of it; the others first what is asked. */
export function requestWords(note: RequestNote, me: string | undefined): { title: string; text: string } {
  const became = tOr(`message.request.${note.by === me ? "you." : ""}${note.state}`, "", { name: note.by_name ?? "" });
  return note.person === me
    ? { title: became, text: t("message.request.yours", { deed: deedText(note) }) }
    : { title: wishText(note.person_name, note), text: became };
}
