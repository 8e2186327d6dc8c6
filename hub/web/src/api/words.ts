/** The shapes of the hub's API that the app speaks of, by the names of the OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Aggregate = Schemas["Aggregate"];
export type Alert = Schemas["Alert"];
export type Approval = Schemas["Approval"];
export type Area = Schemas["Area"];
export type Attribute = Schemas["Attribute"];
export type AttributeSchema = Schemas["AttributeSchema"];
export type AuditCheck = Schemas["AuditCheck"];
export type AuditEntry = Schemas["AuditEntry"];
export type Automation = Schemas["Automation"];
export type AutomationRun = Schemas["AutomationRun"];
export type AutomationWithDocument = Schemas["AutomationWithDocument"];
export type CaughtUpRun = Schemas["CaughtUpRun"];
export type Channel = Schemas["Channel"];
export type Command = Schemas["Command"];
export type ConditionState = Schemas["ConditionState"];
export type Cursor = Schemas["Cursor"];
export type Device = Schemas["Device"];
export type Driver = Schemas["Driver"];
export type Endpoint = Schemas["Endpoint"];
export type Energy = Schemas["Energy"];
export type EnergyAmount = Schemas["EnergyAmount"];
export type EnergyBucket = Energy["buckets"][number];
export type EnergyRate = Schemas["EnergyRate"];
export type Finding = Schemas["Finding"];
export type Health = Schemas["Health"];
export type History = Schemas["History"];
export type Home = Schemas["Home"];
export type HomeChange = Schemas["HomeChange"];
export type HomeEvent = Schemas["Event"];
export type MessagePreferences = Schemas["MessagePreferences"];
export type NearMiss = Schemas["NearMiss"];
export type Network = Schemas["Network"];
export type NetworkNode = Schemas["NetworkNode"];
export type Notification = Schemas["Notification"];
export type RequestNote = Schemas["RequestNote"];
export type OpenPairing = Schemas["OpenPairing"];
export type OpenSession = Schemas["OpenSession"];
export type Outcome = Schemas["Outcome"];
export type PermissionRule = Schemas["PermissionRule"];
export type Permissions = Schemas["Permissions"];
export type Person = Schemas["Person"];
export type ProvisionedDevice = Schemas["ProvisionedDevice"];
export type Question = Schemas["Question"];
export type Refused = Schemas["Refused"];
export type Replay = Schemas["Replay"];
export type Revision = Schemas["Revision"];
export type RevisionDiff = Schemas["RevisionDiff"];
export type Sample = Schemas["Sample"];
export type Scene = Schemas["Scene"];
export type SceneOutcome = Schemas["SceneOutcome"];
export type SceneState = Schemas["SceneState"];
export type Status = Schemas["Status"];
export type System = Schemas["System"];
export type Token = Schemas["Token"];
export type TraceAction = Schemas["TraceAction"];
export type TraceCondition = Schemas["TraceCondition"];
export type TraceTrigger = Schemas["TraceTrigger"];
export type TriggerState = Schemas["TriggerState"];
export type User = Schemas["User"];
export type Verdict = Schemas["Verdict"];
export type Why = Schemas["Why"];
export type WhyLink = Schemas["WhyLink"];
export type WhyNot = Schemas["WhyNot"];
export type Zone = Schemas["Zone"];

/** A picture of the home, with which a stream begins. */
export type Snapshot = Schemas["StreamSnapshot"];

/** What the hub says on a stream. */
export type Message =
  | ({ type: "snapshot" } & Omit<Snapshot, "type">)
  | { type: "event"; id: number; seq: number; event: HomeEvent }
  | { type: "progress"; id: number; seq: number }
  | { type: "resync"; id: number; reason: string }
  | { type: "pong"; id?: number | null }
  | { type: "error"; code: string; detail: string; hint: string; id?: number | null };
