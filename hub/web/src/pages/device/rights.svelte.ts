/** What the person may do with a device, as the hub says: owners everything, so that they need not be asked about. */
import { SvelteMap } from "svelte/reactivity";
import type { Device, Verdict } from "../../api/words";
import { verdict, type Asked } from "../../home/may";
import { session } from "../../home/session.svelte";
import { reasonText } from "../../language/said";
import { parts } from "../../tiles/kind";

const YES: Verdict = { allowed: true, reasons: [], approvable: false, pin: false };

const NEVER = ["no_rule", "protected"];

export class Rights {
  /** Name and room, options, finding out anew. */
  configure = $state<boolean>(false);
  /** Its radio network: pairing, firmware, removing. */
  network = $state<boolean>(false);
  /** The attributes that they may not set now, and why. */
  readonly refused = new SvelteMap<string, string>();

  /** Asks anew; until the answers come, the old ones stand. */
  ask(device: Device): void {
    if (session.user?.role === "owner") {
      this.configure = this.network = true;
      return;
    }
    void may({ action: "configure", device: device.id }).then(({ allowed }) => (this.configure = allowed));
    void may({ action: "configure", part: "network" }).then(({ allowed }) => (this.network = allowed));
    const writable = parts(device).filter(({ attribute }) => attribute.access.includes("write"));
    for (const attribute of new Set(writable.map(({ attribute }) => attribute.name))) {
      void may({ action: "control", device: device.id, attribute }).then((said) => {
        // An approval or a PIN is asked for when it is needed.
        if (said.allowed || said.approvable || said.pin) return void this.refused.delete(attribute);
        const [reason] = said.reasons;
        // What is never theirs needs no words; what is so for now does.
        this.refused.set(attribute, reason && !NEVER.includes(reason.code) ? reasonText(reason) : "");
      });
    }
  }
}

/** What cannot be asked is tried: the hub refuses it then. */
function may(query: Asked): Promise<Verdict> {
  return verdict(query).catch(() => YES);
}
