/**
 * A backup that goes to another device than the one it was made of.
 *
 * @module
 */

import type { ConfigBackup } from "../../camera/config_backup.ts";
import type { SystemInfo } from "../../camera/system.ts";
import { plain } from "../text.ts";

/** How the device differs from that of the backup. */
export interface OtherDevice {
  /** Both devices, for people. */
  readonly text: string;
  /** It is another model: its tables may mean something else. */
  readonly otherModel: boolean;
}

/** What tells devices apart. */
type Identity = Pick<SystemInfo, "model" | "serial">;

/** Compares the devices; undefined when they are one, or when nothing is known of either. */
export function otherDevice(
  backup: Partial<Pick<ConfigBackup, "device">>,
  present: Identity,
): OtherDevice | undefined {
  const { model = null, serial = null } = backup.device ?? {};
  const differs = (one: string | null, other: string | null) =>
    one !== null && other !== null && one !== other;
  if (serial !== null && serial === present.serial) return undefined;
  const otherModel = differs(model, present.model);
  if (!otherModel && !differs(serial, present.serial)) return undefined;
  return {
    text: `the backup is of ${called({ model, serial })}, this device is ${called(present)}`,
    otherModel,
  };
}

function called({ model, serial }: Identity): string {
  return plain(`${model ?? "an unknown model"} (serial ${serial ?? "unknown"})`);
}
