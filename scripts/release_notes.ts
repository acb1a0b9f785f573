/**
 * Prints the release notes of a version: its section of CHANGELOG.md.
 *
 *     deno run -P=cli scripts/release_notes.ts v0.1.0
 *
 * Fails when there is none, or when it is not the version of deno.json.
 */

import manifest from "../deno.json" with { type: "json" };

/**
 * The section of a version, without its heading.
 *
 * @throws {RangeError} when there is none, or nothing in it
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const heading = new RegExp(`^\\[?${RegExp.escape(version)}\\]?(?: .*)?\n`);
  const section = sections.find((text) => heading.test(text));
  const notes = section?.replace(heading, "").trim() ?? "";
  if (notes === "") throw new RangeError(`CHANGELOG.md has no notes for ${version}`);
  return `${notes}\n`;
}

if (import.meta.main) {
  const version = Deno.args[0]?.replace(/^v/, "") ?? "";
  const changelog = await Deno.readTextFile(new URL("../CHANGELOG.md", import.meta.url));
  try {
    if (version !== manifest.version) {
      throw new RangeError(`deno.json has version ${manifest.version}, not ${version}`);
    }
    console.log(releaseNotes(changelog, version).trimEnd());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`release_notes: ${error.message}`);
    Deno.exit(1);
  }
}
