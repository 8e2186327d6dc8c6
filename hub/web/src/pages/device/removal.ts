/** When a device that was not removed may be removed by force. */
import type { Refusal } from "../../api/client";

/** The driver could not take it out of its network: by force the hub forgets it all the same. Nothing else is put right by it. */
const OF_THE_DRIVER = ["unsupported", "refused", "not_possible", "bad_value", "timed_out", "driver_offline"];

export function doesForceHelp(problem: Pick<Refusal, "code"> | null): boolean {
  return problem !== null && OF_THE_DRIVER.includes(problem.code);
}

/** Whether it is of use to try the same again: not where one may not. */
export function mayTryAgain(problem: Pick<Refusal, "status"> | null): boolean {
  return problem === null || ![401, 403, 404].includes(problem.status);
}
