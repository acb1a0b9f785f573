/**
 * Writes the manual pages of the program, its commands and topics.
 *
 *     deno task man [FOLDER]
 *
 * FOLDER is dist/man by default. `dhip.1` there leads to the others.
 */

import { manFile, pageMan } from "../lib/cli/help/as_man.ts";
import { allPages } from "../lib/cli/help/page.ts";

const folder = Deno.args[0] ?? "dist/man";
await Deno.mkdir(folder, { recursive: true });
const pages = await allPages();
for (const page of pages) await Deno.writeTextFile(`${folder}/${manFile(page)}`, pageMan(page));
console.log(`${folder}: ${pages.length} pages`);
