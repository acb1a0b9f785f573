/**
 * What a bad network does to datagrams: a model without sockets and without a clock of its own.
 *
 * Merging and splitting is not here: nobody on the way can cut a segment; the sender does that
 * (`merge` and `split` of the device's PseudoTcp).
 *
 * @module
 */

/** How bad one direction of a link is. Everything left out is 0: a perfect link. */
export interface Impairment {
  /** Chance that a datagram is lost, 0 to 1. */
  readonly loss?: number | undefined;
  /** Chance that a datagram arrives twice, 0 to 1. */
  readonly duplicate?: number | undefined;
  /** Chance that a datagram is overtaken by those behind it, 0 to 1. */
  readonly reorder?: number | undefined;
  /** Longest time that an overtaken or doubled datagram comes behind the others, ms. Default 20. */
  readonly lag?: number | undefined;
  /** Time on the way, ms. */
  readonly delay?: number | undefined;
  /** Longest time that is added to the delay at random, ms; it alone does not reorder. */
  readonly jitter?: number | undefined;
  /** Chance that a datagram arrives without its end, 0 to 1. */
  readonly truncate?: number | undefined;
  /** Chance that a datagram of something else arrives with one, 0 to 1. */
  readonly stray?: number | undefined;
  /** Chance with each datagram that the link is dead from now on, for a while, 0 to 1. */
  readonly blackhole?: number | undefined;
  /** Longest of these whiles, ms. Default 5000. */
  readonly blackholeTime?: number | undefined;
}

/** A datagram at the far end of a link. */
export interface Arrival {
  /** Its bytes: those that were sent, not a copy, unless it is a stray or cut. */
  readonly bytes: Uint8Array;
  /** When it arrives, on the clock of {@linkcode ImpairedLink.send}. */
  readonly at: number;
  /** True when it does not come from the sender, but from an address nobody knows. */
  readonly foreign: boolean;
}

/** One direction of a link. */
export class ImpairedLink {
  readonly #random: () => number;
  #impairment: Impairment;
  /** Arrival of the datagram before; those that are not reordered stay behind it. */
  #last = -Infinity;
  #deadUntil = -Infinity;

  /** Makes a link; `random` gives numbers 0 <= x < 1. */
  constructor(impairment: Impairment, random: () => number) {
    this.#impairment = impairment;
    this.#random = random;
  }

  /** How bad it is; may be changed at any time. */
  get impairment(): Impairment {
    return this.#impairment;
  }

  set impairment(impairment: Impairment) {
    this.#impairment = impairment;
    this.#deadUntil = -Infinity;
  }

  /** Lets everything vanish until that time of the clock. */
  die(until: number): void {
    this.#deadUntil = until;
  }

  /** What arrives, and when, of a datagram that is sent now. */
  send(bytes: Uint8Array, now: number): Arrival[] {
    const { lag = 20, delay = 0, jitter = 0, blackholeTime = 5000 } = this.#impairment;
    const { loss, duplicate, reorder, truncate, stray, blackhole } = this.#impairment;
    if (this.#happens(blackhole)) this.die(now + this.#random() * blackholeTime);
    if (now < this.#deadUntil) return [];
    const arrivals: Arrival[] = [];
    const straight = Math.max(this.#last, now + delay + (jitter > 0 ? this.#random() * jitter : 0));
    if (this.#happens(stray)) {
      arrivals.push({
        bytes: strayDatagram(bytes, this.#random),
        at: straight,
        foreign: this.#random() < 0.5,
      });
    }
    if (this.#happens(loss)) return arrivals;
    const late = this.#happens(reorder);
    if (!late) this.#last = straight;
    const at = late ? straight + this.#random() * lag : straight;
    const whole = !this.#happens(truncate);
    const seen = whole ? bytes : bytes.slice(0, Math.floor(this.#random() * bytes.length));
    arrivals.push({ bytes: seen, at, foreign: false });
    if (this.#happens(duplicate)) {
      arrivals.push({ bytes: seen, at: straight + this.#random() * lag, foreign: false });
    }
    return arrivals;
  }

  #happens(chance = 0): boolean {
    return chance > 0 && this.#random() < chance;
  }
}

/** Something that is no segment of the session, and no message of the cloud either. */
function strayDatagram(model: Uint8Array, random: () => number): Uint8Array {
  const kind = Math.floor(random() * 5);
  if (kind === 0) return new Uint8Array(0);
  // The beginning of a header, too short to be one.
  if (kind === 1) return model.slice(0, Math.min(23, model.length));
  const size = 1 + Math.floor(random() * 200);
  const noise = Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  // Bytes 0x50 and 0x48 would begin something that has a meaning.
  noise[0] = kind === 2 ? 0x20 : kind === 3 ? 0xc0 : 0x80;
  if (kind === 4 && model.length >= 24) {
    // A segment of another conversation.
    const other = model.slice();
    other[3] = other[3]! ^ 0xff;
    return other;
  }
  return noise;
}
