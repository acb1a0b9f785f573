/**
 * What the protocol reference lists (sections 6 and 11, in its order), and where dhip has it: the
 * method, the command, and the test. `reference_rows_test.ts` sees to it that they exist.
 */

import { CONFIGURATION } from "./configuration.ts";
import { PTZ } from "./ptz.ts";
import { USED_BY_PYTHON_DHIP } from "./python_dhip_calls.ts";
import {
  EXIT_CODES,
  FORM,
  LIBRARY,
  PTZ_ACTIONS,
  STREAMS,
  SUBCOMMANDS,
} from "./python_dhip_lines.ts";
import type { ReferenceRow } from "./row.ts";
import { OTHERS, RECORDINGS, UPGRADE } from "./services.ts";

/** All lines of sections 6 and 11. */
export const ROWS: readonly ReferenceRow[] = [
  ...USED_BY_PYTHON_DHIP,
  ...CONFIGURATION,
  ...RECORDINGS,
  ...UPGRADE,
  ...OTHERS,
  ...PTZ,
  ...FORM,
  ...STREAMS,
  ...SUBCOMMANDS,
  ...PTZ_ACTIONS,
  ...EXIT_CODES,
  ...LIBRARY,
];
