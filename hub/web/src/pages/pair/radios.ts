/** What the drivers can do for new devices, by their type: the hub's list of drivers does not tell. */
import type { Driver } from "../../api/words";

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

const BY_TYPE: Record<string, Radio> = {
  zigbee2mqtt: { exclude: false, replace: false, provisioning: false, code: "install", via: true, single: false },
  zwave: { exclude: true, replace: true, provisioning: true, code: "qr", via: false, single: true },
  "zwave-js": { exclude: true, replace: true, provisioning: true, code: "qr", via: false, single: true },
  virtual: { exclude: true, replace: true, provisioning: false, code: "qr", via: false, single: true },
};

/** What a driver of this type can; null = it takes in no devices. */
export function radioOf(type: string | undefined): Radio | null {
  return BY_TYPE[type ?? ""] ?? null;
}

/** Why a driver cannot take in devices now; null = it can. */
export function obstacle(driver: Driver): "no_pairing" | "not_online" | null {
  if (!radioOf(driver.type)) return "no_pairing";
  return driver.state === "online" ? null : "not_online";
}
