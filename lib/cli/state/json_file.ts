/**
 * A small JSON file that several processes read and change.
 *
 * @module
 */

import { withLock } from "./file_lock.ts";

/** What a {@linkcode JsonFile} is made of. */
export interface JsonFileOptions<T> {
  readonly path: string;
  /** File that is locked while the JSON file changes. */
  readonly lock: string;
  /** The content when it has the right shape, else undefined. */
  readonly read: (value: unknown) => T | undefined;
  /** Hears of a file that was no good, which then counts as empty; or throws. */
  readonly onDamaged: (path: string) => void;
}

/** The file. Readers never see half of it, because a change is one rename. */
export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;

  /** Names the file; nothing is read yet. */
  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  /**
   * The content; undefined when there is none. What cannot be understood counts as none, unless
   * `onDamaged` throws.
   */
  async read(): Promise<T | undefined> {
    const { path, read, onDamaged } = this.#options;
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    const content = read(parsed(text));
    if (content === undefined) onDamaged(path);
    return content;
  }

  /** Changes the content; undefined removes the file. */
  async update(change: (content: T | undefined) => T | undefined): Promise<void> {
    const { path, lock } = this.#options;
    await withLock(lock, async () => {
      const content = change(await this.read());
      if (content === undefined) {
        await Deno.remove(path).catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        });
        return;
      }
      const part = `${path}.${crypto.randomUUID()}.part`;
      try {
        const text = `${JSON.stringify(content, undefined, 2)}\n`;
        await Deno.writeTextFile(part, text, { createNew: true, mode: 0o600 });
        await Deno.rename(part, path);
      } catch (error) {
        await Deno.remove(part).catch(() => {});
        throw error;
      }
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
