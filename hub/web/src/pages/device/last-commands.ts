/** What a device was told last, and what became of it. */
import type { Command } from "../../api/words";
import { told, type NotTaken } from "../../home/wishes.svelte";
import { causeText, wanted, type Names } from "../../log/event";
import { outcome, type Outcome } from "../../tiles/outcome";

export interface Row {
  key: string;
  at: string;
  what: string;
  end: Outcome | null;
  /** By whom or what; empty = nobody in particular, or not for these eyes. */
  who: string;
}

/** Each command once, the newest first: as the hub answered, or as the stream has said since. */
export function newest(read: Command[], heard: Command[]): Command[] {
  const all = new Map(read.map((command) => [command.id, command]));
  for (const command of heard) if (!all.get(command.id)?.ended_at) all.set(command.id, command);
  return [...all.values()].sort((a, b) => later(a.accepted_at, b.accepted_at));
}

/** Commands, and among them what the hub did not take from who looks. */
export function rows(commands: Command[], notTaken: NotTaken[], own: string, names: Names): Row[] {
  const refused = notTaken.map(({ wish, at, device, ...place }, index) => ({
    key: `${at} ${index}`,
    at,
    what: wanted({ device, outcomes: [{ ...place, value: wish.value, status: wish.status }] }, names),
    end: outcome(wish),
    who: causeText({ cause: { kind: "person", user: own, via: "api" } }, names),
  }));
  const taken = commands.map((command) => ({
    key: command.id,
    at: command.accepted_at,
    what: wanted(command, names),
    end: outcome(told({ ...worst(command), status: command.status }, command)),
    who: causeText(command, names),
  }));
  return [...taken, ...refused].sort((a, b) => later(a.at, b.at));
}

/** The attribute that the whole command is said to have fared like. */
function worst({ outcomes, status }: Command) {
  return outcomes.find((outcome) => outcome.status === status);
}

function later(a: string, b: string): number {
  return Date.parse(b) - Date.parse(a);
}
