/**
 * What became of pictures, and how it is shown.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { envelopeOf } from "../failure.ts";
import type { Cell, Grid, View } from "../view.ts";

/** What became of one picture. */
export interface PictureResult {
  /** 1 is the first. */
  readonly channel: number;
  /** The file; `-` is standard output; null when there is none. */
  readonly file: string | null;
  readonly bytes: number | null;
  /** Pixels. */
  readonly width: number | null;
  /** Pixels. */
  readonly height: number | null;
  /** Which way it came. */
  readonly source: string | null;
  /** Why it did not come in the preferred way. */
  readonly fallback: string | null;
  /** Milliseconds from the question to the whole picture, all attempts together. */
  readonly ms: number;
  /** Attempts. */
  readonly attempts: number;
  /** Percent of the picture that differ from the last one kept; null when that was not asked. */
  readonly change: number | null;
  /** Whether that was asked, so that all tables of a run have the same columns. */
  readonly compared: boolean;
  /** Why there is no picture. */
  readonly error: DhipError | null;
}

/** What is wrong with the pictures of one target; undefined when nothing is. */
export function verdictOf(pictures: readonly PictureResult[]): DhipError | undefined {
  const errors = pictures.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first === undefined || pictures.length === 1) return first;
  return new DhipError(
    errors.length === pictures.length ? first.code : "DHIP_PARTIAL",
    `${errors.length} of ${pictures.length} pictures failed: ${first.message}`,
    { retryable: errors.every((error) => error.retryable), hint: first.hint },
  );
}

/** Pictures as tables and as JSON. */
export const pictureView: View<readonly PictureResult[]> = {
  table: grid,
  json: (pictures) =>
    pictures.map(({ error, compared: _compared, ...rest }) =>
      error === null ? rest : { ...rest, error: envelopeOf(error) }
    ),
};

function grid(pictures: readonly PictureResult[]): Grid {
  const compared = pictures.some(({ compared }) => compared);
  return {
    head: ["channel", "file", "bytes", "size", "source", "ms", ...(compared ? ["change"] : [])]
      .concat("note"),
    rows: pictures.map((picture): Cell[] => [
      picture.channel,
      picture.file,
      picture.bytes,
      picture.width === null ? null : `${picture.width}x${picture.height}`,
      picture.source,
      picture.ms,
      ...(compared ? [picture.change === null ? null : `${picture.change} %`] : []),
      noteOf(picture),
    ]),
  };
}

/** What is remarkable about a picture, in words. */
export function noteOf({ error, fallback, file, change }: PictureResult): string {
  if (error !== null) return error.message;
  const notes = [
    ...(file === null && change !== null ? ["not changed, not kept"] : []),
    ...(fallback === null ? [] : [`not by ${fallback}`]),
  ];
  return notes.join("; ");
}
