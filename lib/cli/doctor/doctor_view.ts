/**
 * How a diagnosis looks.
 *
 * @module
 */

import type { Diagnosis, Finding, FindingStatus } from "../../camera/doctor/mod.ts";
import { DhipError } from "../../errors.ts";
import type { View } from "../view.ts";

const LABELS: Readonly<Record<FindingStatus, string>> = {
  ok: "ok      ",
  note: "note    ",
  warning: "WARNING ",
  problem: "PROBLEM ",
};

/** One line of cause and one of remedy for people; the list of findings for programs. */
export const doctorView: View<Diagnosis> = {
  table: ({ findings }) => findings.flatMap(linesOf).join("\n") + "\n",
  json: ({ findings }) => findings,
  csv: ({ findings }) => ({
    head: ["check", "status", "cause", "remedy"],
    rows: findings.map(({ check, status, cause, remedy }) => [check, status, cause, remedy]),
  }),
};

function linesOf({ status, cause, remedy }: Finding): string[] {
  const indent = " ".repeat(LABELS[status].length);
  return [LABELS[status] + cause, ...(remedy === null ? [] : [`${indent}-> ${remedy}`])];
}

/** The failure that a diagnosis is, when there is a problem. */
export function doctorVerdict({ findings }: Diagnosis): DhipError | undefined {
  const problems = findings.filter(({ status }) => status === "problem");
  if (problems.length === 0) return undefined;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new DhipError("DHIP_CHECK_FAILED", `The doctor found ${count}`, {
    hint: problems[0]!.remedy ?? undefined,
  });
}
