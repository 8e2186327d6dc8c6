/** «On for five minutes» in one step: after what switches on a wait, and what switches off again. */
import { get, insert, isMapping, type Json, type Path } from "./path";

/** The document with both; null = the action is none that switches on, or something follows it already. */
export function offAgain(document: Json, path: Path): Json | null {
  const [list, index] = [path.slice(0, -1), path.at(-1)];
  const command = get(document, [...path, "command"]);
  if (typeof index !== "number" || !isMapping(command) || !isMapping(command["set"])) return null;
  if (command["set"]["on"] !== true || get(document, [...list, index + 1]) !== undefined) return null;
  const waits = insert(document, list, index + 1, { delay: "5m" });
  return insert(waits, list, index + 2, { command: { ...command, set: { on: false } } });
}
