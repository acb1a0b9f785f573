/**
 * The pictures that earlier runs left.
 *
 * @module
 */

import { basename } from "node:path";
import type { Files } from "../io.ts";
import type { NamePattern } from "../file_names.ts";

/** A file whose name a template can have made. */
export interface KeptFile {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** The folders above it that a template can have made, the nearest first. */
  readonly folders: readonly string[];
}

/** What {@linkcode Files} is needed for. */
export type FileAccess = Pick<Files, "list" | "remove">;

/** Finds the files of a pattern. Links are no files here, and no folders. */
async function* keptFiles(
  files: Pick<Files, "list">,
  { folder, levels }: NamePattern,
): AsyncGenerator<KeptFile> {
  yield* walk(folder === "/" ? "" : folder, levels, []);

  async function* walk(
    path: string,
    [level, ...below]: readonly RegExp[],
    folders: readonly string[],
  ): AsyncGenerator<KeptFile> {
    if (level === undefined) return;
    // A folder may hold the pictures of a hundred cameras.
    const entries = await files.list(path === "" ? "/" : path, (name) => level.test(name));
    for (const { name, kind, modified } of entries) {
      const inside = `${path}/${name}`;
      if (below.length === 0) {
        if (kind === "file") yield { path: inside, modified, folders };
      } else if (kind === "folder") {
        yield* walk(inside, below, [inside, ...folders]);
      }
    }
  }
}

/** The last one written, or undefined. */
export async function newestFile(
  files: Pick<Files, "list">,
  pattern: NamePattern,
): Promise<KeptFile | undefined> {
  return newestOf(await Array.fromAsync(keptFiles(files, pattern)));
}

function newestOf(found: readonly KeptFile[]): KeptFile | undefined {
  let newest: KeptFile | undefined;
  for (const file of found) {
    if (newest === undefined || file.modified > newest.modified) newest = file;
  }
  return newest;
}

/**
 * Removes what was last written before `limit`, and the folders that become empty by it. The newest
 * picture stays, however old it is.
 *
 * @returns how many files it removed
 */
export async function removeOld(
  files: FileAccess,
  pattern: NamePattern,
  limit: number,
): Promise<number> {
  const found = await Array.fromAsync(keptFiles(files, withParts(pattern)));
  const isWhole = ({ path }: KeptFile) => pattern.levels.at(-1)!.test(basename(path));
  const newest = newestOf(found.filter(isWhole));
  let removed = 0;
  const touched = new Set<string>();
  for (const file of found) {
    if (file.modified >= limit || file === newest) continue;
    await files.remove(file.path);
    removed++;
    for (const folder of file.folders) touched.add(folder);
  }
  // The deepest first. Only folders that held something old: no other run is about to use them.
  for (const folder of [...touched].sort((a, b) => b.length - a.length)) {
    if ((await files.list(folder)).length === 0) await files.remove(folder);
  }
  return removed;
}

/** With the unfinished files that a killed run left: they are named like the picture and more. */
function withParts({ folder, levels }: NamePattern): NamePattern {
  const last = levels.at(-1)!;
  const pattern = last.source.replace(/\$$/, "(?:\\.[0-9a-f-]{36}\\.part)?$");
  return { folder, levels: [...levels.slice(0, -1), new RegExp(pattern)] };
}
