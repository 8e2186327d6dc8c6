/** How far the person may change what a device is, as the hub says: owners everything, so that they need not be asked about. */
import type { Device, Verdict } from "../../api/words";
import { verdict, type Asked } from "../../home/may";
import { session } from "../../home/session.svelte";

const YES: Verdict = { allowed: true, reasons: [], approvable: false, pin: false };

export class Rights {
  /** Name and room, options, finding out anew. */
  configure = $state<boolean>(false);
  /** Its radio network: pairing, firmware, removing. */
  network = $state<boolean>(false);

  /** Asks anew; until the answers come, the old ones stand. */
  ask(device: Device): void {
    if (session.user?.role === "owner") {
      this.configure = this.network = true;
      return;
    }
    void may({ action: "configure", device: device.id }).then(({ allowed }) => (this.configure = allowed));
    void may({ action: "configure", part: "network" }).then(({ allowed }) => (this.network = allowed));
  }
}

/** What cannot be asked is tried: the hub refuses it then. */
function may(query: Asked): Promise<Verdict> {
  return verdict(query).catch(() => YES);
}
