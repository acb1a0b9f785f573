/**
 * Changes of settings that can be looked at before they are made.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { Difference } from "./config_diff.ts";
import type { ChangeOutcome, ConfigPlan, DahuaConfig } from "./dahua_config.ts";

/** A change worked out against the device, not yet made. */
export interface PlannedChange {
  /** Places that will change, by the device's own names. Empty: the device has it already. */
  readonly differences: readonly Difference[];
  /**
   * Makes the change and reads it back. What others changed beside it meanwhile is kept.
   *
   * @throws {DhipError} the device's refusal, or `DHIP_CONFLICT` when others changed the same
   *   places meanwhile
   */
  apply(options?: CallOptions): Promise<ChangeOutcome>;
}

/** A planned change of configuration tables. */
export function plannedChange(
  config: Pick<DahuaConfig, "apply">,
  plan: ConfigPlan,
): PlannedChange {
  return {
    differences: plan.differences,
    apply: (options) => config.apply(plan, options),
  };
}
