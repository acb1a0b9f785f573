/**
 * What earlier runs of `dhip sync` have put into a folder.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { partOf } from "../download/part_file.ts";
import type { Files } from "../io.ts";
import { fileError } from "../user_file.ts";

/** A file that a run made. */
export interface ManifestEntry {
  /** Name of the device. */
  readonly device: string;
  /** Beginning of the recording, `YYYY-MM-DDTHH:MM:SS` by the device's clock. */
  readonly start: string;
  /** Length of the file in bytes. */
  readonly bytes: number;
  /** Where it lies on the device. */
  readonly path: string | null;
}

/** Name of the manifest within its folder. */
const MANIFEST = ".dhip-sync.json";

/** The manifest of one folder. Only files that are in it are ever removed. */
export class Manifest {
  readonly #files: Files;
  readonly #folder: string;
  readonly #entries: Map<string, ManifestEntry>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(files: Files, folder: string, entries: Map<string, ManifestEntry>) {
    this.#files = files;
    this.#folder = folder;
    this.#entries = entries;
  }

  /**
   * Reads the manifest; a folder without one has an empty one.
   *
   * @throws {DhipError} `DHIP_FILE` when it is damaged: then nothing may be removed
   */
  static async open(files: Files, folder: string): Promise<Manifest> {
    const path = `${folder}/${MANIFEST}`;
    let text: string;
    try {
      if (await files.size(path) === undefined) return new Manifest(files, folder, new Map());
      text = new TextDecoder().decode(await files.read(path));
    } catch (cause) {
      throw fileError(`${path} cannot be read`, cause);
    }
    try {
      const { version, files: listed } = JSON.parse(text);
      if (version !== 1) throw new SyntaxError("another version");
      return new Manifest(files, folder, new Map(Object.entries(listed).map(checked)));
    } catch (cause) {
      throw new DhipError("DHIP_FILE", `${path} is damaged`, {
        hint: "Move it away to begin a new one: files that are there are then kept for good.",
        cause,
      });
    }
  }

  /** Notes a file, by its path within the folder, in place of a part of it. */
  add(path: string, entry: ManifestEntry): Promise<void> {
    this.#entries.delete(partOf(path));
    this.#entries.set(path, entry);
    return this.#save();
  }

  /**
   * Removes files of a device whose recordings began before a time. One that somebody changed or
   * moved is only forgotten.
   *
   * @returns their paths within the folder
   */
  async removeBefore(device: string, limit: Temporal.PlainDateTime): Promise<string[]> {
    const removed: string[] = [];
    const text = limit.toString({ smallestUnit: "second" });
    for (const [path, entry] of [...this.#entries]) {
      if (entry.device !== device || entry.start >= text) continue;
      const file = `${this.#folder}/${path}`;
      try {
        if (await this.#files.size(file) === entry.bytes) {
          await this.#files.remove(file);
          removed.push(path);
          await this.#removeFolders(path);
        }
      } catch (cause) {
        throw fileError(`${file} cannot be removed`, cause);
      }
      this.#entries.delete(path);
    }
    if (removed.length > 0) await this.#save();
    return removed;
  }

  /** Folders that became empty. */
  async #removeFolders(path: string): Promise<void> {
    const parts = path.split("/").slice(0, -1);
    for (; parts.length > 0; parts.pop()) {
      const folder = `${this.#folder}/${parts.join("/")}`;
      if ((await this.#files.list(folder)).length > 0) return;
      await this.#files.remove(folder);
    }
  }

  /** One after another: several devices share the file. */
  #save(): Promise<void> {
    const saved = this.#saving.then(async () => {
      const path = `${this.#folder}/${MANIFEST}`;
      const content = { version: 1, files: Object.fromEntries([...this.#entries].sort()) };
      try {
        const bytes = new TextEncoder().encode(`${JSON.stringify(content, null, 1)}\n`);
        await this.#files.write(path, bytes);
      } catch (cause) {
        throw fileError(`${path} cannot be written`, cause);
      }
    });
    this.#saving = saved.catch(() => {});
    return saved;
  }
}

function checked([path, value]: [string, unknown]): [string, ManifestEntry] {
  const { device, start, bytes, path: from } = value as ManifestEntry;
  const isInside = !path.startsWith("/") && !path.split("/").includes("..");
  const isEntry = typeof device === "string" && typeof bytes === "number" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(start);
  if (!isInside || !isEntry) throw new SyntaxError("an entry that no run makes");
  return [path, { device, start, bytes, path: from }];
}
