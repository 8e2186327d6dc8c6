/** The keys of the message files, so that a word that is nowhere written is an error before it is missed. */
import type attributes from "../../messages/en/attributes.json";
import type common from "../../messages/en/common.json";
import type rules from "../../messages/en/rules.json";
import type setup from "../../messages/en/setup.json";

type Written = keyof typeof attributes | keyof typeof common | keyof typeof rules | keyof typeof setup;

/** Of keys with plural forms the part that they share. */
type Shared<Name> = Name extends `${infer Part}_other` ? Part : never;

export type Key = Written | Shared<Written>;
