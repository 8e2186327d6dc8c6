/** The shapes of the hub's API that the app speaks of, by the names of the OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type Area = Schemas["Area"];
export type Attribute = Schemas["Attribute"];
export type Automation = Schemas["Automation"];
export type AutomationRun = Schemas["AutomationRun"];
export type AutomationWithDocument = Schemas["AutomationWithDocument"];
export type CaughtUpRun = Schemas["CaughtUpRun"];
export type Command = Schemas["Command"];
export type ConditionState = Schemas["ConditionState"];
export type Cursor = Schemas["Cursor"];
export type Device = Schemas["Device"];
export type Driver = Schemas["Driver"];
export type Endpoint = Schemas["Endpoint"];
export type Finding = Schemas["Finding"];
export type Home = Schemas["Home"];
export type HomeEvent = Schemas["Event"];
export type NearMiss = Schemas["NearMiss"];
export type Notification = Schemas["Notification"];
export type Outcome = Schemas["Outcome"];
export type Person = Schemas["Person"];
export type Replay = Schemas["Replay"];
export type Revision = Schemas["Revision"];
export type RevisionDiff = Schemas["RevisionDiff"];
export type Scene = Schemas["Scene"];
export type Status = Schemas["Status"];
export type TraceAction = Schemas["TraceAction"];
export type TraceCondition = Schemas["TraceCondition"];
export type TraceTrigger = Schemas["TraceTrigger"];
export type TriggerState = Schemas["TriggerState"];
export type User = Schemas["User"];
export type Why = Schemas["Why"];
export type WhyNot = Schemas["WhyNot"];

/** A picture of the home, with which a stream begins. */
export type Snapshot = Schemas["StreamSnapshot"] & { devices: Device[] };

/** What the hub says on a stream. */
export type Message =
  | ({ type: "snapshot" } & Omit<Snapshot, "type">)
  | { type: "event"; id: number; seq: number; event: HomeEvent }
  | { type: "progress"; id: number; seq: number }
  | { type: "resync"; id: number; reason: string }
  | { type: "pong"; id?: number | null }
  | { type: "error"; code: string; detail: string; hint: string; id?: number | null };
