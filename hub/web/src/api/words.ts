/** The shapes of the hub's API that the app speaks of, by the names of the OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type Area = Schemas["Area"];
export type Attribute = Schemas["Attribute"];
export type AuditCheck = Schemas["AuditCheck"];
export type AuditEntry = Schemas["AuditEntry"];
export type Automation = Schemas["Automation"];
export type Command = Schemas["Command"];
export type Cursor = Schemas["Cursor"];
export type Device = Schemas["Device"];
export type Driver = Schemas["Driver"];
export type Energy = Schemas["Energy"];
export type EnergyAmount = Schemas["EnergyAmount"];
export type EnergyBucket = Energy["buckets"][number];
export type EnergyRate = Schemas["EnergyRate"];
export type Endpoint = Schemas["Endpoint"];
export type Home = Schemas["Home"];
export type HomeEvent = Schemas["Event"];
export type HomeChange = Schemas["HomeChange"];
export type Network = Schemas["Network"];
export type NetworkNode = Schemas["NetworkNode"];
export type Notification = Schemas["Notification"];
export type Provisioning = Schemas["Provisioning"];
export type Outcome = Schemas["Outcome"];
export type Scene = Schemas["Scene"];
export type Status = Schemas["Status"];
export type System = Schemas["System"];
export type User = Schemas["User"];
export type Zone = Schemas["Zone"];

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
