/** Cuts a time out of the frames of one recording after another. */

import { dhavDate, type DhavFrame } from "../../media/dhav.ts";
import { DhavUnits } from "../../media/dhav_units.ts";
import type { MediaUnit } from "../../media/unit.ts";

/** Most bytes between two key pictures that are held. */
const MAX_GROUP = 64 * 1024 * 1024;
/** The wall clock of frames has whole seconds: it may differ from their counters by this, in ms. */
const ROUNDING = 1_500;
const TURN = 65_536;

type Kind = "video" | "audio";

/**
 * Frames go in as they stand in the recordings, oldest first; units of the wanted time come out, on
 * a time line whose 0 is its start. It begins with the last key picture before the start, so the
 * first times are negative.
 */
export class ClipCutter {
  readonly #from: number;
  readonly #length: number;
  readonly #units = new DhavUnits();
  readonly #last = new Map<Kind, DhavFrame>();
  /** Kinds of frames of which it is not known yet whether they were in the recording before. */
  readonly #joining = new Set<Kind>();
  /** Units since the last key picture, until the start is reached. */
  #group: MediaUnit[] = [];
  #groupBytes = 0;
  /** What the units' own time line lacks to the wall clock, in seconds: at least. */
  #offset = -Infinity;
  #shift: number | undefined;
  #duplicates = 0;
  #over = false;

  /**
   * Wants a time by the device's clock.
   *
   * @param length in seconds
   */
  constructor(from: Temporal.PlainDateTime, length: number) {
    this.#from = seconds(from);
    this.#length = length;
  }

  /** True when the end was reached: nothing more is wanted. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Frames that two recordings had, and that were passed on once. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** The device's clock at the last picture; undefined before there was one. */
  get reached(): Temporal.PlainDateTime | undefined {
    const last = this.#last.get("video");
    return last === undefined ? undefined : dhavDate(last.date);
  }

  /** Another recording begins; its first frames may be the last ones of the recording before. */
  join(): void {
    for (const kind of this.#last.keys()) this.#joining.add(kind);
  }

  /** Takes the next frame. */
  *push(frame: DhavFrame): Generator<MediaUnit, void, void> {
    const kind = kindOf(frame);
    if (this.#over || kind === undefined) return;
    const last = this.#last.get(kind);
    if (this.#joining.has(kind) && last !== undefined && !isAfter(last, frame)) {
      this.#duplicates++;
      return;
    }
    this.#joining.delete(kind);
    this.#last.set(kind, frame);
    const wall = dhavDate(frame.date);
    for (const unit of this.#units.push(frame)) {
      if (wall !== undefined) this.#offset = Math.max(this.#offset, seconds(wall) - unit.time);
      yield* this.#take(unit);
      if (this.#over) return;
    }
  }

  *#take(unit: MediaUnit): Generator<MediaUnit, void, void> {
    if (this.#shift !== undefined) {
      const placed = { ...unit, time: unit.time + this.#shift };
      if (placed.time < this.#length) yield placed;
      else if (unit.track.kind === "video") this.#over = true; // sound is a little behind
      return;
    }
    const shift = this.#offset - this.#from;
    const time = unit.time + shift;
    const isPicture = unit.track.kind === "video";
    if (isPicture && time >= this.#length) {
      this.#over = true; // it begins behind the wanted time
      return;
    }
    if (isPicture && unit.key && (time <= 0 || this.#group.length === 0)) {
      this.#group = [];
      this.#groupBytes = 0;
    } else if (this.#group.length === 0) return; // nothing to begin with yet
    this.#group.push(unit);
    this.#groupBytes += unit.data.length;
    if (!isPicture || time < 0) {
      if (this.#groupBytes > MAX_GROUP) this.#group = [];
      return;
    }
    this.#shift = shift;
    for (const one of this.#group) yield { ...one, time: one.time + shift };
    this.#group = [];
  }
}

/** Whether a frame comes after another one of its kind: by the clock, the counter, the number. */
function isAfter(last: DhavFrame, frame: DhavFrame): boolean {
  const [a, b] = [dhavDate(last.date), dhavDate(frame.date)];
  const wall = a === undefined || b === undefined ? 0 : (seconds(b) - seconds(a)) * 1000;
  const moved = ((frame.timestamp ?? 0) - (last.timestamp ?? 0) + TURN * 1.5) % TURN - TURN / 2;
  const elapsed = moved + TURN * Math.round((wall - moved) / TURN);
  // Where both agree the counter is exact; else the encoder began anew and the clock must do.
  if (Math.abs(elapsed - wall) <= ROUNDING && elapsed !== 0) return elapsed > 0;
  if (wall !== 0) return wall > 0;
  return frame.frameNumber > last.frameNumber;
}

function kindOf({ kind, type }: DhavFrame): Kind | undefined {
  if (kind === "audio") return "audio";
  if (kind === "aux") return undefined;
  return kind === "other" && type !== 0xfe && type !== 0xfb ? undefined : "video";
}

function seconds(time: Temporal.PlainDateTime): number {
  return time.toZonedDateTime("UTC").epochMilliseconds / 1000;
}
