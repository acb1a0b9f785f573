/**
 * Which words of a command line are files, where devices may stand too.
 *
 * @module
 */

/** Words that nobody means as a device: with a folder, or the ending of a video file. */
const LIKE_A_FILE = /^[^:]*[/\\]|^[a-z]:\\|\.(?:dav|dhav|mp4|m4v|mov|mkv|ts|h26[45]|avi)$/i;

/**
 * Takes the files out of the words. What exists is a file; a folder only where no device has its
 * name. So is what looks like one, so that a mistyped file is missing and no host that does not
 * answer.
 */
export async function filesAmong(
  words: readonly string[],
  devices: ReadonlyMap<string, unknown>,
): Promise<{ readonly files: readonly string[]; readonly words: readonly string[] }> {
  const files: string[] = [];
  const others: string[] = [];
  for (const word of words) {
    const isFile = word === "-" || await exists(word, devices) ||
      (LIKE_A_FILE.test(word) && !devices.has(word));
    (isFile ? files : others).push(word);
  }
  return { files, words: others };
}

async function exists(path: string, devices: ReadonlyMap<string, unknown>): Promise<boolean> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return !isDirectory || !devices.has(path);
  } catch {
    return false;
  }
}
