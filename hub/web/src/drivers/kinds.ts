/** What the types of drivers can do beside speaking with devices. The hub does not say it, so here is a table. */
export type Ability = "pairing" | "network" | "restart" | "routes" | "backup" | "provisioning";

const ZWAVE: Ability[] = ["pairing", "network", "restart", "routes", "backup", "provisioning"];

const ABILITIES: Record<string, Ability[]> = {
  zigbee2mqtt: ["pairing", "network", "restart"],
  zwave: ZWAVE,
  "zwave-js": ZWAVE,
  virtual: ["pairing", "network"],
};

/** Of a type that this app does not know, nothing is held back: the hub says what cannot be. */
export function can(type: string, ability: Ability): boolean {
  return ABILITIES[type]?.includes(ability) ?? ["pairing", "network", "restart"].includes(ability);
}
