/** What the hub found in a rule, by the place at which it is shown. */
import type { Finding } from "../api/words";
import { nodeAround } from "./document";
import { pathOf, pathText, type Json } from "./path";

export const isError = ({ severity }: Finding) => severity === "error";

/** By the path of the node at which each is shown; what is of the rule as a whole is at its list, or at "". */
export function byNode(document: Json, findings: readonly Finding[]): Map<string, Finding[]> {
  const placed = new Map<string, Finding[]>();
  for (const finding of findings) {
    const path = pathOf(finding.path);
    const around = nodeAround(document, path);
    const at = around.length > 0 ? pathText(around) : String(path[0] ?? "");
    placed.set(at, [...(placed.get(at) ?? []), finding]);
  }
  return placed;
}

/** The key of which the hub says that it is missing; null = it says something else. A node that was just begun is open,
 *  not wrong, and is told in the words of the field. */
export function missingKey({ code, case: which, path, params }: Finding): string | null {
  if (code === "bad_value" && which === "empty_text")
    return pathOf(path).findLast((step) => typeof step === "string") ?? null;
  return code === "missing" && which === "key" ? (params?.["key"] ?? null) : null;
}

/** The other rules that a finding is about. */
export function othersOf({ automations = [] }: Finding, own: string | null): string[] {
  return automations.filter((id) => id !== own);
}

/** How each test of a rule came out: by the hub's findings, which name what failed. Unknown while the rule has errors
 *  elsewhere, since it cannot run then. */
export function testsOf(document: Json, findings: readonly Finding[] | null): ("passed" | "failed" | "unknown")[] {
  const tests = typeof document === "object" && document !== null && !Array.isArray(document) ? document["tests"] : [];
  const count = Array.isArray(tests) ? tests.length : tests ? 1 : 0;
  const failed = new Set<number>();
  let cannotRun = findings === null;
  for (const finding of findings ?? []) {
    const [list, index] = pathOf(finding.path);
    if (list === "tests" && finding.code === "test_failed") failed.add(typeof index === "number" ? index : 0);
    else if (isError(finding)) cannotRun = true;
  }
  return Array.from({ length: count }, (_, index) => (failed.has(index) ? "failed" : cannotRun ? "unknown" : "passed"));
}
