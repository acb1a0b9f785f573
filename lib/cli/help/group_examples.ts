/**
 * Examples of groups of commands.
 *
 * @module
 */

import type { Example } from "../spec.ts";

/** What one does first with the commands of a group. */
export const GROUP_EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  ptz: [
    { does: "A little to the left", line: "dhip ptz left 192.0.2.7" },
    { does: "This is the gate; later, back to it", line: "dhip ptz preset save 192.0.2.7 gate" },
  ],
  config: [
    { does: "The time server settings", line: "dhip config get 192.0.2.7 NTP" },
    { does: "Everything to a file", line: "dhip config backup 192.0.2.7 gate.json" },
  ],
  devices: [
    { does: "A name for a camera", line: "dhip devices add front 192.0.2.7" },
    { does: "Whether the logins work", line: "dhip devices test" },
  ],
};
