/** What was asked of devices and what became of it: shown while it is under way and a while after, then it is gone. */
import { SvelteMap } from "svelte/reactivity";
import type { Refusal } from "../api/client";
import type { Command, Device, Outcome } from "../api/words";

/** What became of the last command to one attribute of a device. */
export interface Wish {
  value: unknown;
  /** `none` = nothing is to be said; `taken` = it ended without a report; `sending` until the hub has taken it, then the words of the command's life. */
  status: "none" | "taken" | "sending" | "accepted" | "sent" | "acknowledged" | "confirmed" | "failed" | "expired";
  /** Of the hub's table of reasons, where it failed. */
  reason: string | null;
  /** In the words of the driver or of the hub. */
  detail: string | null;
  /** What to do, in the words of the hub. */
  hint?: string;
  /** Where the hub did not allow it: what would help. */
  helps?: { approval?: boolean; pin?: boolean };
  /** The hub's command. */
  command?: string;
  /** When the hub took the newest command that this attribute is known to have had. */
  acceptedAt?: string;
  /** Which wish of this page it is; none = of somebody else, or of a rule. */
  turn?: number;
}

/** One attribute of one device. */
export interface Place {
  device: string;
  endpoint: number;
  attribute: string;
}

/** Something that was asked for and that the hub did not take: it knows nothing of it. */
export interface NotTaken extends Place {
  wish: Wish;
  at: string;
}

/** Who looks at a key that there is not would be told of every key that comes: so there is one for each attribute. */
const NO_WISH: Wish = { value: null, status: "none", reason: null, detail: null };

/** How many milliseconds the end of a wish is shown. */
const SHOWN = {
  well: 4_000,
  badly: 60_000,
  /** An adult may answer so long. */
  withHelp: 600_000,
};

/** What takes longer than this is said to be under way. */
const SOON = 1_500;

/** So many commands, and so many that were not taken, are remembered. */
const KEPT = 200;

/** Whether something is still to come of it. */
export function isUnderWay(wish: Pick<Wish, "status"> | undefined): boolean {
  return wish !== undefined && ["sending", "accepted", "sent", "acknowledged"].includes(wish.status);
}

/** Names one attribute of one device. */
export function wishKey(device: string, endpoint: number, attribute: string): string {
  return JSON.stringify([device, endpoint, attribute]);
}

function placeOf(key: string): Place {
  const [device, endpoint, attribute] = JSON.parse(key) as [string, number, string];
  return { device, endpoint, attribute };
}

export class Wishes {
  readonly #table = new SvelteMap<string, Wish>();
  /** The last word on each command, by its id. */
  readonly #commands = new SvelteMap<string, Command>();
  /** What the hub did not take, the newest first. */
  notTaken = $state.raw<NotTaken[]>([]);
  /** Is told of the wishes of this page: that one takes long, and what became of it. */
  ontold: (place: Place, wish: Wish) => void = () => {};
  #turns = 0;

  get(key: string): Wish | undefined {
    return this.#table.get(key);
  }

  /** What one command did to one attribute, so far as it was heard. */
  ofCommand(id: string, endpoint: number, attribute: string): Pick<Wish, "status" | "reason" | "detail"> | undefined {
    const command = this.#commands.get(id);
    const outcome = command?.outcomes.find((one) => one.endpoint === endpoint && one.attribute === attribute);
    return command && outcome && told(outcome, command);
  }

  /** The commands of a device that were heard of, as they were last. */
  commandsOf(device: string): Command[] {
    return [...this.#commands.values()].filter((command) => command.device === device);
  }

  /** Somebody wants this now: it takes the place of what they wanted before. */
  begin(device: string, endpoint: number, set: Record<string, unknown>): number {
    this.#turns += 1;
    for (const [attribute, value] of Object.entries(set)) {
      const key = wishKey(device, endpoint, attribute);
      const acceptedAt = this.#table.get(key)?.acceptedAt;
      const wish: Wish = { value, status: "sending", reason: null, detail: null, turn: this.#turns };
      this.#table.set(key, acceptedAt ? { ...wish, acceptedAt } : wish);
    }
    const turn = this.#turns;
    setTimeout(() => {
      for (const [key, wish] of this.#ofTurn(turn)) this.ontold(placeOf(key), wish);
    }, SOON);
    return turn;
  }

  /** The hub has taken a wish. Its stream may have told of the command before. */
  taken(turn: number, command: Command): void {
    for (const [key, wish] of this.#onItsWay(turn)) {
      this.#table.set(key, { ...wish, command: command.id, acceptedAt: command.accepted_at });
    }
    this.hear(this.#commands.get(command.id) ?? command);
  }

  /** The hub did not take it, or did not answer. A wish that came after it stays as it is. */
  refused(turn: number, { code, message, hint, helps }: Refusal): void {
    for (const [key, wish] of this.#onItsWay(turn)) {
      const end: Wish = { ...wish, status: "failed", reason: code, detail: message, hint, helps };
      this.notTaken = [{ ...placeOf(key), wish: end, at: new Date().toISOString() }, ...this.notTaken].slice(0, KEPT);
      this.#end(key, end);
    }
  }

  /** A command's life goes on. */
  hear(command: Command): void {
    this.#commands.delete(command.id);
    this.#commands.set(command.id, command);
    if (this.#commands.size > KEPT) this.#commands.delete(this.#commands.keys().next().value ?? "");
    for (const outcome of command.outcomes) this.#outcome(command, outcome);
  }

  /** What a device is known to be on its way to, where nothing newer was heard. */
  know(device: Device, isOlder: (key: string) => boolean = () => false): void {
    for (const endpoint of device.endpoints) {
      for (const { name, state } of endpoint.attributes) {
        const key = wishKey(device.id, endpoint.id, name);
        if (isOlder(key)) continue;
        const known = this.#table.get(key);
        const isWanted = state.desired !== null && state.desired !== undefined;
        // What is followed already is known better.
        if (isWanted && !isUnderWay(known)) {
          this.#table.set(key, { value: state.desired, status: "sent", reason: null, detail: null });
        } else if (!known) this.#table.set(key, NO_WISH);
      }
    }
  }

  /** After a break only what the hub still wants is under way; what is on its way to the hub is followed by itself. */
  lost(): void {
    for (const [key, wish] of this.#table) {
      if (isUnderWay(wish) && wish.status !== "sending") this.#table.set(key, NO_WISH);
    }
  }

  /** A failure that the device has since made good need not be said any longer. */
  reported(place: Place, value: unknown): void {
    const key = wishKey(place.device, place.endpoint, place.attribute);
    const wish = this.#table.get(key);
    if (wish && ["failed", "expired"].includes(wish.status) && JSON.stringify(wish.value) === JSON.stringify(value)) {
      this.#table.set(key, rest(wish));
    }
  }

  #ofTurn(turn: number): [string, Wish][] {
    return [...this.#table].filter(([, wish]) => wish.turn === turn && isUnderWay(wish));
  }

  #onItsWay(turn: number): [string, Wish][] {
    return this.#ofTurn(turn).filter(([, { status }]) => status === "sending");
  }

  #outcome(command: Command, outcome: Outcome): void {
    const { id, device, accepted_at } = command;
    const key = wishKey(device, outcome.endpoint, outcome.attribute);
    const known = this.#table.get(key);
    const isSame = known?.command === id;
    // A newer command has taken its place, and says itself what becomes of it.
    if (outcome.reason === "superseded") return;
    // Nor does an older one speak for it. One that is on its way to the hub has no name yet.
    if (!isSame && known && (known.status === "sending" || (known.acceptedAt ?? "") > accepted_at)) return;
    // It was said, and is gone.
    if (isSame && known && !isUnderWay(known)) return;
    const wish: Wish = {
      value: outcome.value,
      ...told(outcome, command),
      command: id,
      acceptedAt: accepted_at,
      ...(isSame && known?.turn !== undefined && { turn: known.turn }),
    };
    if (isUnderWay(wish)) this.#table.set(key, wish);
    else this.#end(key, wish);
  }

  #end(key: string, wish: Wish): void {
    this.#table.set(key, wish);
    if (wish.turn !== undefined) this.ontold(placeOf(key), wish);
    const isBad = wish.status === "failed" || wish.status === "expired";
    const isHelped = wish.helps?.approval || wish.helps?.pin;
    const time = !isBad ? SHOWN.well : isHelped ? SHOWN.withHelp : SHOWN.badly;
    setTimeout(() => this.#table.get(key) === wish && this.#table.set(key, rest(wish)), time);
  }
}

/** What became of one attribute of a command, or of the whole of it. */
export function told(
  { status, reason, detail }: Pick<Outcome, "status" | "reason"> & Partial<Outcome>,
  { ended_at }: Pick<Command, "ended_at">,
): Pick<Wish, "status" | "reason" | "detail"> {
  return {
    // What nobody can read back ends so.
    status: ended_at && status === "acknowledged" ? "taken" : (status as Wish["status"]),
    reason: reason ?? null,
    detail: detail ?? null,
  };
}

/** Nothing to say; which command was the newest stays known. */
function rest({ command, acceptedAt }: Wish): Wish {
  return { ...NO_WISH, ...(command && { command }), ...(acceptedAt && { acceptedAt }) };
}
