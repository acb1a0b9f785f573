/**
 * Progress of long work: a bar on a terminal, a plain line every few seconds elsewhere.
 *
 * @module
 */

import { lengthText, sizeText } from "./amounts.ts";
import type { Log } from "./log.ts";

/** What a progress needs to know. */
export interface ProgressOptions {
  readonly log: Pick<Log, "bar" | "notice">;
  /** Wall-clock time in milliseconds. */
  readonly now: () => number;
  /** What is going on, for example `front: sending firmware.bin`. */
  readonly what: string;
  /** Bytes in all; unknown when undefined. */
  readonly total?: number | undefined;
}

/** Between two bars, in milliseconds: more often nobody sees. */
const BAR_EVERY = 100;
/** Between two lines where there is no terminal, in milliseconds. */
const LINE_EVERY = 5_000;
/** Columns of the bar itself. */
const BAR = 10;

/** Shows how far a number of bytes has come: amount, rate, and time left. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #start: number;
  #shownAt: number;
  #first: number | undefined;

  /** Begins; nothing is shown before the first {@linkcode update}. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#start = options.now();
    this.#shownAt = this.#start;
  }

  /**
   * Shows the bytes done so far, unless something was shown just now.
   *
   * @param media seconds of pictures that they are, where that says more
   * @param total bytes in all, where the guess changes as the work goes on
   */
  update(done: number, media?: number, total = this.#options.total): void {
    const { log, now, what } = this.#options;
    this.#first ??= done; // what was there before does not count for the rate
    const elapsed = now() - this.#shownAt;
    if (elapsed < BAR_EVERY) return;
    if (log.bar(() => `${what}  ${this.#bar(done, total)}${this.#text(done, media, total)}`)) {
      this.#shownAt = now();
    } else if (elapsed >= LINE_EVERY) {
      this.#shownAt = now();
      log.notice(`${what}: ${this.#text(done, media, total)}`);
    }
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    this.#options.log.bar(() => "");
  }

  #bar(done: number, total: number | undefined): string {
    if (total === undefined || total === 0) return "";
    const share = Math.min(1, done / total);
    const full = Math.floor(share * BAR);
    return `[${"#".repeat(full)}${" ".repeat(BAR - full)}] `;
  }

  #text(done: number, media: number | undefined, total: number | undefined): string {
    const { now } = this.#options;
    const seconds = (now() - this.#start) / 1000;
    const rate = seconds > 0 ? (done - (this.#first ?? 0)) / seconds : 0;
    const speed = rate > 0 ? [`${sizeText(rate)}/s`] : [];
    const video = media === undefined ? [] : [`${lengthText(media)} of video`];
    if (total === undefined) return [sizeText(done), ...speed, ...video].join(", ");
    // What a narrow terminal cuts off stands last.
    return [
      `${Math.floor(total === 0 ? 100 : done / total * 100)} %`,
      ...(rate > 0 && total > done ? [`${lengthText((total - done) / rate)} left`] : []),
      ...speed,
      `${sizeText(done)} of ${sizeText(total)}`,
      ...video,
    ].join(", ");
  }
}

/** The bytes in all, by those of the first seconds; undefined before there are any. */
export function guess(done: number, seconds: number, wanted: number): number | undefined {
  return seconds > 0 ? Math.max(done, done / seconds * wanted) : undefined;
}
