/** The keys of the message files, so that a word that is nowhere written is an error before it is missed. */
import type attributes from "../../messages/en/attributes.json";
import type common from "../../messages/en/common.json";
import type control from "../../messages/en/control.json";
import type device from "../../messages/en/device.json";
import type drivers from "../../messages/en/drivers.json";
import type energy from "../../messages/en/energy.json";
import type messages from "../../messages/en/messages.json";
import type outcome from "../../messages/en/outcome.json";
import type pair from "../../messages/en/pair.json";
import type people from "../../messages/en/people.json";
import type rule from "../../messages/en/rule.json";
import type rules from "../../messages/en/rules.json";
import type scenes from "../../messages/en/scenes.json";
import type settings from "../../messages/en/settings.json";
import type setup from "../../messages/en/setup.json";
import type system from "../../messages/en/system.json";
import type welcome from "../../messages/en/welcome.json";

type Written =
  | keyof typeof attributes
  | keyof typeof common
  | keyof typeof control
  | keyof typeof device
  | keyof typeof drivers
  | keyof typeof energy
  | keyof typeof messages
  | keyof typeof outcome
  | keyof typeof pair
  | keyof typeof people
  | keyof typeof rule
  | keyof typeof rules
  | keyof typeof scenes
  | keyof typeof settings
  | keyof typeof setup
  | keyof typeof system
  | keyof typeof welcome;

/** Of keys with plural forms the part that they share. */
type Shared<Name> = Name extends `${infer Part}_other` ? Part : never;

export type Key = Written | Shared<Written>;
