/** Brings pictures and sound into the order of their time. */

import type { MediaUnit } from "../unit.ts";

/** Seconds that one stream is waited for while the other goes on. */
const PATIENCE = 3;
/** Seconds that the first sound is waited for. */
const FIRST = 1;
/** Bytes that may wait. */
const ROOM = 64 * 1024 * 1024;

/** Pure. Units that can be written come out; the others wait for sound that may be older. */
export class Interleaver {
  #pictures: MediaUnit[] = [];
  #sounds: MediaUnit[] = [];
  #bytes = 0;
  #first: number | undefined;
  /** Time of the newest picture and sound. */
  #seen = -Infinity;
  #heard = -Infinity;

  /** @param sound false when sound is not wanted: nothing waits */
  constructor(private readonly sound: boolean) {}

  /** Takes a unit. */
  *push(unit: MediaUnit): Generator<MediaUnit, void, void> {
    const { time, track } = unit;
    if (track.kind === "audio" && !this.sound) return;
    this.#bytes += unit.data.length;
    if (track.kind === "video") {
      this.#pictures.push(unit);
      this.#first ??= time;
      this.#seen = time;
    } else {
      this.#sounds.push(unit);
      this.#heard = time;
    }
    yield* this.#ready();
  }

  /** Gives the rest. */
  *flush(): Generator<MediaUnit, void, void> {
    while (this.#pictures.length > 0 || this.#sounds.length > 0) yield this.#next();
  }

  *#ready(): Generator<MediaUnit, void, void> {
    for (;;) {
      const [picture] = this.#pictures;
      const [sound] = this.#sounds;
      if (picture === undefined && sound === undefined) return;
      const both = picture !== undefined && sound !== undefined;
      if (!both && this.#bytes < ROOM && this.#waits(picture, sound)) return;
      yield this.#next();
    }
  }

  #waits(picture: MediaUnit | undefined, sound: MediaUnit | undefined): boolean {
    if (sound !== undefined) return this.#heard - sound.time < PATIENCE;
    if (!this.sound || picture === undefined) return false;
    if (this.#heard === -Infinity) return this.#seen - this.#first! < FIRST;
    // Sound that is not late, or not yet late enough to be given up.
    return Math.abs(this.#seen - this.#heard) < PATIENCE && this.#seen - picture.time < PATIENCE;
  }

  #next(): MediaUnit {
    const [picture] = this.#pictures;
    const [sound] = this.#sounds;
    const isPicture = sound === undefined || (picture !== undefined && picture.time <= sound.time);
    const unit = (isPicture ? this.#pictures : this.#sounds).shift()!;
    this.#bytes -= unit.data.length;
    return unit;
  }
}
