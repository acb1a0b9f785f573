/**
 * Names of the files of one recording.
 *
 * @module
 */

/** No two files alike: `x.mp4`, `x-2.mp4`, `x-3.mp4`. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(name)!;
  return `${stem}-${number}${extension ?? ""}`;
}
