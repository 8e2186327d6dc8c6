/** What can be done for a device beside using it, by the type of its driver: the hub's `abilities` do not tell these. */

export interface Care {
  health: boolean;
  routes: boolean;
  options: boolean;
  /** Its driver looks for newer firmware by itself. */
  looksForFirmware: boolean;
  /** It takes a file of its maker. */
  takesFile: boolean;
}

const NONE: Care = { health: false, routes: false, options: false, looksForFirmware: false, takesFile: false };

const BY_TYPE: Record<string, Partial<Care>> = {
  virtual: { looksForFirmware: true },
  zigbee2mqtt: { looksForFirmware: true, options: true },
  zwave: { health: true, routes: true, takesFile: true },
  "zwave-js": { health: true, routes: true, takesFile: true },
};

export function careOf(driverType: string | undefined): Care {
  return { ...NONE, ...BY_TYPE[driverType ?? ""] };
}

/** How well it is heard, in a word; null = it does not say. `most` is the best that there is. */
export function linkWord(quality: unknown, most: number | null | undefined): "strong" | "good" | "weak" | "bad" | null {
  if (typeof quality !== "number") return null;
  const share = quality / (most || 255);
  const words: [least: number, word: "strong" | "good" | "weak"][] = [
    [0.55, "strong"],
    [0.3, "good"],
    [0.12, "weak"],
  ];
  return words.find(([least]) => share >= least)?.[1] ?? "bad";
}
