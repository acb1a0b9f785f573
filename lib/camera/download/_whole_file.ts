/** Whether a file that came is whole. */

import { DhipError } from "../../errors.ts";
import { dhavDate, DhavDecoder } from "../../media/dhav.ts";

/** Looks at a file as it passes. */
export class WholeFile {
  readonly #host: string;
  readonly #length: number | null;
  readonly #frames = new DhavDecoder();
  /** It consists of frames: known by its name, or by what it begins with. */
  #isDhav: boolean | undefined;
  #received: number;
  #first: number | undefined;
  #last: number | undefined;

  /**
   * Begins at `offset` of a file of `length` bytes.
   *
   * @param isDhav undefined lets the first frame tell
   */
  constructor(
    { host, offset, length, isDhav }: {
      readonly host: string;
      readonly offset: number;
      readonly length: number | null;
      readonly isDhav: boolean | undefined;
    },
  ) {
    this.#host = host;
    this.#length = length;
    this.#received = offset;
    this.#isDhav = isDhav;
  }

  /** Seconds of pictures and sound so far, by the device's clock in the frames. */
  get mediaSeconds(): number | null {
    const first = this.#first === undefined ? undefined : dhavDate(this.#first);
    const last = this.#last === undefined ? undefined : dhavDate(this.#last);
    if (first === undefined || last === undefined) return null;
    return Math.max(0, first.until(last).total("seconds"));
  }

  /** Takes the next bytes. They must stay as they are. */
  push(bytes: Uint8Array): void {
    this.#received += bytes.length;
    for (const { date, kind, skipped } of this.#frames.push(bytes)) {
      this.#isDhav ??= skipped === 0;
      if (kind === "aux") continue;
      this.#first ??= date;
      this.#last = date;
    }
  }

  /**
   * Says that nothing more comes.
   *
   * @throws {DhipError} `DHIP_INCOMPLETE`
   */
  end(): void {
    if (this.#length !== null && this.#received < this.#length) {
      throw this.#incomplete(`${this.#received} of ${this.#length} bytes came`);
    }
    const frames = this.#frames.end();
    let next = frames.next();
    while (!next.done) next = frames.next();
    const { state, remaining, skipped } = next.value;
    if (state === "complete" || !(this.#isDhav ?? skipped === 0)) return;
    throw this.#incomplete(`it ends after ${remaining} bytes of a frame`);
  }

  #incomplete(what: string): DhipError {
    return new DhipError("DHIP_INCOMPLETE", `The file is not whole: ${what}`, { host: this.#host });
  }
}
