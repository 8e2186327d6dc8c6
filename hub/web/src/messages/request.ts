/** What a message about a request for permission says, to who asked and to who may answer. */
import type { Notification } from "../api/words";
import { t, tOr } from "../language/language.svelte";
import { deedText, wishText } from "../people/wish";

export type Request = NonNullable<Notification["request"]>;

/** `reader` = the account of who reads it. */
export function requestText(request: Request, reader: string): { title: string; text: string } {
  const became = tOr(`message.request.${request.state}`, "", { name: request.by_name ?? request.by ?? "" });
  if (request.person === reader) return { title: became, text: t("message.request.own", { what: deedText(request) }) };
  const wish = wishText(request.person_name, request);
  return {
    title: t("message.request.title", { name: request.person_name }),
    text: became ? `${wish}. ${became}` : wish,
  };
}
