/** A pairing as its events tell it: how far each newcomer is, what is asked, what the person does next. */
import type { HomeEvent, OpenPairing, Question } from "../../api/words";

export type PairingEvent = Extract<HomeEvent, { kind: "pairing" }>;

/** The named stages of a newcomer, in their order. */
export const STAGES = ["heard", "joined", "keys", "identified", "configured", "confirmed"] as const;
export type Stage = (typeof STAGES)[number];

/** Of a device that leaves. */
export const LEAVING: readonly Stage[] = ["heard", "confirmed"];

export interface Newcomer {
  /** Counts up: who was heard is not known by a name yet. */
  number: number;
  device: string | null;
  /** The farthest stage. */
  stage: Stage;
  ask: Question | null;
  /** In the words of the driver. */
  nextStep: string;
  failed: boolean;
}

export interface Pairing {
  session: string;
  driver: string;
  /** `open` until the driver says that it is closed. */
  state: "open" | "failed" | "closed";
  nextStep: string;
  newcomers: Newcomer[];
}

export function begun(session: string, driver: string): Pairing {
  return { session, driver, state: "open", nextStep: "", newcomers: [] };
}

/** The pairing once its network is closed. */
export function closed(pairing: Pairing, nextStep = pairing.state === "open" ? "" : pairing.nextStep): Pairing {
  return { ...pairing, state: "closed", nextStep, newcomers: silent(pairing) };
}

/** One that was under way when the page was opened, as the hub has kept what was said of it. */
export function found(driver: string, { id, steps }: OpenPairing): Pairing {
  const event = (step: OpenPairing["steps"][number]) =>
    ({ kind: "pairing", session: id, driver, ...step }) as PairingEvent;
  return steps.reduce((pairing, step) => heard(pairing, event(step)), begun(id, driver));
}

/** The pairing after an event of its session. */
export function heard(pairing: Pairing, event: PairingEvent): Pairing {
  const { stage, next_step } = event;
  if (stage === "waiting") return { ...pairing, nextStep: next_step };
  if (stage === "closed") return closed(pairing, next_step);
  const place = placeOf(pairing, event);
  if (stage === "failed" && place < 0) return { ...pairing, state: "failed", nextStep: next_step };
  const known = pairing.newcomers[place] ?? {
    number: pairing.newcomers.length + 1,
    device: null,
    stage: "heard",
    ask: null,
    nextStep: "",
    failed: false,
  };
  const next: Newcomer = {
    ...known,
    device: event.device ?? known.device,
    // Who joins anew begins anew.
    stage: isStage(stage) ? stage : known.stage,
    ask: event.ask ?? null,
    nextStep: next_step,
    failed: stage === "failed",
  };
  const newcomers = place < 0 ? [...pairing.newcomers, next] : pairing.newcomers.with(place, next);
  return { ...pairing, newcomers };
}

/** Whom an event is about: the device that it names; else who was heard and has no name yet, or is not done. */
function placeOf({ newcomers }: Pairing, { device, stage }: PairingEvent): number {
  const named = device ? newcomers.findIndex((one) => one.device === device) : -1;
  if (named >= 0) return named;
  const last = newcomers.at(-1);
  if (!last || isOver(last)) return -1;
  // A second one that is heard is another.
  if (stage === "heard") return !device && last.device === null ? newcomers.length - 1 : -1;
  return !device || last.device === null ? newcomers.length - 1 : -1;
}

/** Nobody waits for an answer of a closed network. */
const silent = ({ newcomers }: Pairing) => newcomers.map((one) => ({ ...one, ask: null }));

const isStage = (stage: string): stage is Stage => (STAGES as readonly string[]).includes(stage);

export function isOver(newcomer: Newcomer): boolean {
  return newcomer.failed || newcomer.stage === "confirmed";
}

/**
 * Whom the page shows, the newest first. Who failed before the network was opened anew is tried again now: beside the one
 * that comes in then, the old failure would look like its own.
 */
export function shown(pairings: Pairing[]): { pairing: Pairing; newcomer: Newcomer }[] {
  const isPast = (pairing: Pairing, at: number) =>
    pairing.state !== "open" && pairings.slice(at + 1).some(({ driver }) => driver === pairing.driver);
  return pairings
    .flatMap((pairing, at) =>
      pairing.newcomers
        .filter(({ failed }) => !failed || !isPast(pairing, at))
        .map((newcomer) => ({ pairing, newcomer })),
    )
    .toReversed();
}

/** How far a stage is for a newcomer. */
export function mark(newcomer: Newcomer, stage: Stage): "done" | "now" | "failed" | "to_come" {
  const [at, reached] = [STAGES.indexOf(stage), STAGES.indexOf(newcomer.stage)];
  if (at < reached || newcomer.stage === "confirmed") return "done";
  if (at > reached) return "to_come";
  return newcomer.failed ? "failed" : newcomer.ask ? "now" : "done";
}

/** What is left of a time, as minutes and seconds. */
export function left(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
