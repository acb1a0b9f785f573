/**
 * The help of whatever has one.
 *
 * @module
 */

import { pageMan } from "./as_man.ts";
import { pageText } from "./as_text.ts";
import { findPage } from "./page.ts";

/**
 * The help of a command, a group or a topic, or of the program: for so many columns, or as a manual
 * page.
 *
 * @throws {DhipError} `DHIP_USAGE` when there is none of that name
 */
export async function help(name: string | undefined, form: number | "man"): Promise<string> {
  const page = await findPage(name);
  return form === "man" ? pageMan(page) : pageText(page, form);
}
