/** What is wrong with rules, sorted by rule and by weight, and the two sides of a conflict. */
import type { Finding } from "../api/words";
import { findingText } from "../language/said";

const WEIGHT: Record<string, number> = { error: 0, warning: 1, info: 2 };

export function byWeight(findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => (WEIGHT[a.severity] ?? 3) - (WEIGHT[b.severity] ?? 3));
}

/** Those that are about a rule, by itself or with another. */
export function findingsOf(findings: Finding[], id: string): Finding[] {
  return byWeight(findings.filter(({ automations }) => automations?.includes(id)));
}

/** Both lists, each thing said once: what the hub keeps with a rule, and what a check finds besides. */
export function together(kept: Finding[], checked: Finding[]): Finding[] {
  const said = new Set<string>();
  return byWeight([...kept, ...checked]).filter(({ code, path, message }) => {
    const key = JSON.stringify([code, path, message]);
    return !said.has(key) && said.add(key);
  });
}

/** Those that a person should do something about. */
export function troubles(findings: Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity !== "info");
}

export interface Side {
  automation: string;
  path: string;
}

/** Where the rules meet that a finding is about: the first by its path, the second by the place that it names. */
export function sidesOf({ automations = [], path, params }: Finding): Side[] {
  const [first, second] = automations;
  if (!first || !second) return [];
  return [
    { automation: first, path },
    { automation: second, path: params?.["place"] ?? "" },
  ];
}

export interface TestResult {
  result: "passes" | "fails" | "not_run";
  /** In words; empty = nothing to add. */
  message: string;
}

/** How a test of a rule ended, by what a check of it found; null = it was not checked. */
export function testResult(findings: Finding[] | null, path: string): TestResult {
  if (!findings) return { result: "not_run", message: "" };
  const own = findings.filter((one) => one.path === path || one.path.startsWith(`${path}.`));
  const failed = own.find(({ code }) => code === "test_failed");
  if (failed) return { result: "fails", message: findingText(failed) };
  const notRun = findings.find(({ code }) => code === "test_not_run");
  if (notRun) return { result: "not_run", message: findingText(notRun) };
  // A rule that is wrong is not run at all.
  const wrong = findings.find(({ severity, code }) => severity === "error" && code !== "test_failed");
  return wrong ? { result: "not_run", message: findingText(wrong) } : { result: "passes", message: "" };
}
