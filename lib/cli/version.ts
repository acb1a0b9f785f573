/**
 * The version. deno.json is its only source.
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };

/** Version of dhip. */
export const VERSION: string = manifest.version;
