/**
 * How firmware upgrades look.
 *
 * @module
 */

import type { UpgradeState, UploadOutcome } from "../camera/mod.ts";
import { sizeText } from "./amounts.ts";
import type { View } from "./view.ts";

/** What `dhip upgrade upload` did or would do. */
export interface UploadResult {
  /** The image. */
  readonly file: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Its SHA-256 in hex. */
  readonly sha256: string;
  /** Model of the device. */
  readonly model: string | null;
  /** Firmware before; and afterwards, when that was waited for. */
  readonly firmware: { readonly before: string | null; readonly after: string | null };
  /** How it ended; null when nothing was sent. */
  readonly end: UploadOutcome["end"] | null;
}

/** Looks of what a device does about its firmware. */
export const stateView: View<UpgradeState> = {
  table: ({ state, progress }) => ({
    head: ["State", "Progress"],
    rows: [[state, progress === null ? null : `${progress} %`]],
    record: true,
  }),
};

/** Looks of an upload. */
export const uploadView: View<UploadResult> = {
  table({ file, bytes, sha256, model, firmware, end }) {
    const fields = {
      File: file,
      Size: `${sizeText(bytes)} (${bytes} bytes)`,
      "SHA-256": sha256,
      Model: model,
      Firmware: firmware.before,
      Afterwards: firmware.after,
      End: end ?? "nothing was sent",
    };
    return { record: true, head: Object.keys(fields), rows: [Object.values(fields)] };
  },
};
