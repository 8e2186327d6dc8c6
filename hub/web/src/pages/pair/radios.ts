/** What the drivers can do for new devices: the hub says what they can, and here is how people speak of it. */
import type { Driver } from "../../api/words";
import { can } from "../../drivers/kinds";

export interface Radio {
  /** Devices of another network are taken out of it first. */
  exclude: boolean;
  /** A dead device's place is given to a new one within the network. */
  replace: boolean;
  /** Devices may be put on a list beforehand, and join when they have power. */
  provisioning: boolean;
  /** The message that says what may be typed for a device with a code. */
  code: "install" | "qr" | null;
  /** Devices may be let in through one router only. */
  via: boolean;
  /** Ends by itself with each device. */
  single: boolean;
}

/** What is told of the ways of each type, which the hub's words for what it can do do not say. */
const WAYS: Record<string, Pick<Radio, "code" | "via" | "single">> = {
  zigbee2mqtt: { code: "install", via: true, single: false },
  zwave: { code: "qr", via: false, single: true },
  "zwave-js": { code: "qr", via: false, single: true },
  virtual: { code: "qr", via: false, single: true },
};
const PLAIN = { code: null, via: false, single: false };

/** What a driver can; null = it takes in no devices. */
export function radioOf(driver: Driver | undefined): Radio | null {
  if (!driver || !can(driver, "include")) return null;
  return {
    exclude: can(driver, "exclude"),
    replace: can(driver, "replace"),
    provisioning: can(driver, "provision"),
    ...(WAYS[driver.type] ?? PLAIN),
  };
}

/** Why a driver cannot take in devices now; null = it can. */
export function obstacle(driver: Driver): "no_pairing" | "not_online" | null {
  if (!radioOf(driver)) return "no_pairing";
  return driver.state === "online" ? null : "not_online";
}
