/** What `deno compile` put into an executable, read from the executable itself. */

import { Buffer } from "node:buffer";

/** What stands before the data. */
const MAGIC = "d3n0l4ndd3n0l4nd";

/** A file or folder of the embedded file system. */
type Entry = { readonly Dir: { n: string; e: Entry[] } } | { readonly File: { n: string } } | {
  readonly Symlink: { n: string };
};

/** What is read of the settings. */
interface Settings {
  readonly entrypoint_key: string;
  readonly permissions: Readonly<Record<string, readonly string[] | boolean | null>>;
  readonly unstable_config: { readonly features: readonly string[] };
}

/** Settings and files of an executable. */
export interface Embedded {
  readonly settings: Settings;
  /** Paths of the files; npm packages are below `.deno_compile_node_modules`. */
  readonly files: readonly string[];
}

/** Reads an executable made by `deno compile` of this version of Deno. */
export async function embeddedIn(file: string): Promise<Embedded> {
  const bytes = Buffer.from(await Deno.readFile(file));
  // The runtime may hold the mark as a constant too; behind the data's the length comes.
  const at = bytes.lastIndexOf(`${MAGIC}`, bytes.indexOf('{"argv":'));
  const length = Number(bytes.readBigUInt64LE(at + MAGIC.length));
  const start = at + MAGIC.length + 8;
  const settings = JSON.parse(bytes.toString("utf8", start, start + length)) as Settings;
  const tree = bytes.indexOf('[{"Dir":', start + length);
  const entries = JSON.parse(bytes.toString("utf8", tree, tree + bytes.readUInt32LE(tree - 8)));
  return { settings, files: (entries as Entry[]).flatMap((entry) => paths(entry, "")) };
}

function paths(entry: Entry, above: string): string[] {
  if ("Dir" in entry) {
    return entry.Dir.e.flatMap((inner) => paths(inner, `${above}${entry.Dir.n}/`));
  }
  return [above + ("File" in entry ? entry.File.n : entry.Symlink.n)];
}
