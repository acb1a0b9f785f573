/**
 * Results of rounds: lines, because they have no end.
 *
 * @module
 */

import { csvText } from "../csv.ts";
import { envelopeOf } from "../failure.ts";
import type { Outcome, Output } from "../output.ts";
import { plain } from "../text.ts";
import type { Cell } from "../view.ts";
import { noteOf, type PictureResult, pictureView } from "./pictures.ts";

type RoundOutcome = Outcome<readonly PictureResult[]>;

const HEAD = ["time", "target", "channel", "file", "bytes", "width", "height", "source", "ms"]
  .concat("change", "note");

/** Prints a line for each picture: for people, as JSON, or as CSV. */
export class RoundOutput {
  readonly #output: Output;
  readonly #several: boolean;
  #headed = false;

  /** `several` targets are named in lines for people. */
  constructor(output: Output, several: boolean) {
    this.#output = output;
    this.#several = several;
  }

  /** Prints what became of a target in the round of that time. Nothing of an interrupted one. */
  async outcome(outcome: RoundOutcome, due: number, interrupted: boolean): Promise<void> {
    const { target, result: pictures, error } = outcome;
    const time = new Date(due).toISOString();
    const output = this.#output;
    if (pictures === undefined) {
      const isJson = output.format === "json" || output.format === "ndjson";
      if (!interrupted && error !== undefined && isJson) {
        await output.line({ time, target, error: envelopeOf(error) });
      }
      return;
    }
    switch (output.format) {
      case "json":
      case "ndjson": {
        const values = pictureView.json!(pictures) as object[];
        for (const value of values) await output.line({ time, target, ...value });
        return;
      }
      case "csv": {
        const rows = pictures.map((picture) => rowOf(time, target, picture));
        const text = csvText({ head: HEAD, rows });
        await output.text(this.#headed ? text.slice(text.indexOf("\n") + 1) : text);
        this.#headed = true;
        return;
      }
      case "table":
        for (const picture of pictures) {
          await output.text(`${this.#words(time, target, picture)}\n`);
        }
    }
  }

  #words(time: string, target: string, picture: PictureResult): string {
    const { channel, file, bytes, width, height, source, change } = picture;
    const words = [
      time.replace(".000Z", "Z"),
      ...(this.#several ? [target] : []),
      `channel ${channel}`,
      ...(file === null ? [] : [file]),
      ...(bytes === null ? [] : [`${bytes} bytes`, `${width}x${height}`, `by ${source}`]),
      ...(change === null ? [] : [`${change} % changed`]),
      noteOf(picture),
    ];
    return plain(words.filter((word) => word !== "").join("  "));
  }
}

function rowOf(time: string, target: string, picture: PictureResult): Cell[] {
  const { channel, file, bytes, width, height, source, ms, change } = picture;
  return [time, target, channel, file, bytes, width, height, source, ms, change, noteOf(picture)];
}
