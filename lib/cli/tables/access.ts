/**
 * Configuration tables for commands.
 *
 * @module
 */

import type { Difference } from "../../camera/config_diff.ts";
import { DhipError } from "../../errors.ts";

/** What `dhip config set` and `restore` did. */
export interface ChangeResult {
  /** Places that differ between what was and what was wanted; secrets are masked. */
  readonly changes: readonly Difference[];
  /** True when the change was made, false for `--dry-run` and when nothing was to change. */
  readonly applied: boolean;
  /** Places that the device accepted and did not keep. */
  readonly notHeld: readonly Difference[];
  /** What the device wants next, for example `NeedReboot`. */
  readonly deviceWants: readonly string[];
  /** Tables that could not be restored, because their secrets are masked in the backup. */
  readonly skipped?: readonly string[];
}

/** The error of a change that the device did not keep. */
export function notHeldError(host: string, notHeld: readonly Difference[]): DhipError | undefined {
  if (notHeld.length === 0) return undefined;
  const places = notHeld.slice(0, 3).map(({ path }) => path).join(", ");
  const more = notHeld.length > 3 ? ` and ${notHeld.length - 3} more` : "";
  return new DhipError(
    "DHIP_NOT_HELD",
    `The device accepted the change and did not keep ${places}${more}`,
    {
      host,
      hint: "The value may be unsupported, or it needs another setting or a restart first.",
    },
  );
}
