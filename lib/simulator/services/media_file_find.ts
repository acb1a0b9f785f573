/**
 * `mediaFileFind`: search objects. Searching comes with the recordings work.
 *
 * @module
 */

import { ok } from "../answer.ts";
import type { Service } from "../service.ts";

/** The service. */
export const mediaFileFindService: Service = {
  name: "mediaFileFind",
  factory: "create",
  needsObject: true,
  methods: {
    close: () => ok(),
  },
};
