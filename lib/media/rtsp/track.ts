/**
 * One stream of an RTSP session: from its packets to units with a time.
 *
 * @module
 */

import { inspectAccessUnit } from "../annexb.ts";
import type { MediaCodec, MediaTrack, MediaUnit } from "../unit.ts";
import type { Depacketizer } from "./rtp_unit.ts";
import { parseRtp, ReorderBuffer, type ReorderOptions, sequenceDistance } from "./rtp.ts";
import { encodeReceiverReport, parseRtcp, type SenderReport } from "./rtcp.ts";
import { parameterSetsOf, type SdpMedia } from "./sdp.ts";
import type { SenderClock } from "./sender_clock.ts";

export type { MediaTrack, MediaUnit } from "../unit.ts";

const CODECS: Readonly<Record<string, MediaCodec>> = {
  H264: "h264",
  H265: "h265",
  "MPEG4-GENERIC": "aac",
  PCMA: "alaw",
  PCMU: "mulaw",
};

/** What can be played of a described stream; undefined for what dhip does not know. */
export function trackOf(media: SdpMedia, index: number): MediaTrack | undefined {
  const codec = CODECS[media.encoding];
  if (codec === undefined || (media.kind !== "video" && media.kind !== "audio")) return undefined;
  const { kind, clockRate, channels } = media;
  const config = media.parameters.get("config");
  return {
    index,
    kind,
    codec,
    clockRate,
    channels,
    parameterSets: parameterSetsOf(media),
    config: config === undefined ? undefined : fromHex(config),
  };
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2}){1,64}$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}

/** A description of a stream that is playing. */
export interface ReceiverOptions {
  /** The stream. */
  readonly track: MediaTrack;
  /** Puts its packets together. */
  readonly depacketizer: Depacketizer;
  /** RTP payload type that belongs to it. */
  readonly payloadType: number;
  /** How packets are put in order. */
  readonly reorder: ReorderOptions;
  /** Our own source number. */
  readonly ssrc: number;
  /** Its part in the clocks of the session. */
  readonly clock: SenderClock;
}

/** A timestamp that is further from what arrives, in seconds, is that of something else. */
const FAR = 10;

/** Receives one stream. Pure: time comes in with each packet. */
export class TrackReceiver {
  readonly track: MediaTrack;
  readonly #options: ReceiverOptions;
  readonly #order: ReorderBuffer;
  /** Timestamp that stands for time 0 of the session, once known. */
  #origin: number | undefined;
  #ticks = 0;
  #last: number | undefined;
  #report: { readonly report: SenderReport; readonly at: number } | undefined;
  #source: number | undefined;
  #first = 0;
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #ended = false;

  /** Makes a receiver that has heard nothing yet. */
  constructor(options: ReceiverOptions) {
    this.track = options.track;
    this.#options = options;
    this.#order = new ReorderBuffer(options.reorder);
  }

  /** True when the sender said goodbye. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Packets that were lost so far. */
  get lost(): number {
    return this.#received === 0 ? 0 : Math.max(0, this.#expected - this.#received);
  }

  /** Says which timestamp stands for the start of the session (RTP-Info). */
  startAt(timestamp: number): void {
    this.#origin = timestamp;
  }

  /**
   * Takes an RTP packet.
   *
   * @param now seconds since the session began to play, for streams whose start nobody told
   */
  *push(bytes: Uint8Array, now: number): Generator<MediaUnit, void, void> {
    const packet = parseRtp(bytes);
    if (packet?.payloadType !== this.#options.payloadType) return;
    if (this.#source !== undefined && packet.ssrc !== this.#source) {
      // Its timestamps have nothing to do with those before: the time of arrival joins them.
      yield* this.flush(now);
      this.#last = undefined;
      this.#origin = undefined;
      this.#report = undefined;
      this.#ticks += this.#options.clock.restart() * this.track.clockRate;
    }
    this.#count(packet.sequence, packet.ssrc);
    for (const { packet: next, lost } of this.#order.push(packet, now * 1000)) {
      for (const unit of this.#options.depacketizer.push(next, lost)) {
        yield this.#place(unit.timestamp, unit.data, unit.damaged, now);
      }
    }
  }

  /** Gives what has no end yet, at the end of the stream. */
  *flush(now: number): Generator<MediaUnit, void, void> {
    for (const unit of this.#options.depacketizer.flush()) {
      yield this.#place(unit.timestamp, unit.data, unit.damaged, now);
    }
  }

  /** Takes an RTCP packet. */
  pushControl(bytes: Uint8Array, now: number): void {
    const { reports, byes } = parseRtcp(bytes);
    for (const report of reports) {
      if (this.#source === undefined || report.ssrc === this.#source) {
        this.#report = { report, at: now };
        this.#tellClock();
      }
    }
    if (this.#source !== undefined && byes.includes(this.#source)) this.#ended = true;
  }

  /** A receiver report, once there is something to report. */
  receiverReport(now: number): Uint8Array | undefined {
    if (this.#source === undefined) return undefined;
    const expected = this.#expected - this.#expectedBefore;
    const received = this.#received - this.#receivedBefore;
    this.#expectedBefore = this.#expected;
    this.#receivedBefore = this.#received;
    return encodeReceiverReport({
      own: this.#options.ssrc,
      ssrc: this.#source,
      fractionLost: expected <= 0 ? 0 : Math.max(0, (expected - received) / expected),
      lost: this.lost,
      highest: this.#highest,
      last: this.#report?.report.last ?? 0,
      delay: this.#report === undefined ? 0 : now - this.#report.at,
    });
  }

  get #expected(): number {
    return this.#highest - this.#first + 1;
  }

  #count(sequence: number, ssrc: number): void {
    if (this.#source !== ssrc) {
      this.#source = ssrc;
      this.#first = sequence;
      this.#highest = sequence;
      this.#received = 0;
      this.#expectedBefore = 0;
      this.#receivedBefore = 0;
    }
    this.#received++;
    this.#highest += Math.max(0, sequenceDistance(this.#highest & 0xffff, sequence));
  }

  /** A report that came before the first unit waits for it. */
  #tellClock(): void {
    const { report } = this.#report ?? {};
    if (report === undefined || report.ssrc !== this.#source || this.#last === undefined) return;
    const { clockRate } = this.track;
    const ahead = signed(report.timestamp - this.#last);
    if (Math.abs(ahead) > FAR * clockRate) return;
    this.#options.clock.report(report.ntp, (this.#ticks + ahead) / clockRate);
  }

  #place(timestamp: number, data: Uint8Array, damaged: boolean, now: number): MediaUnit {
    const { track } = this;
    const { clockRate } = track;
    const isFirst = this.#last === undefined;
    if (this.#last === undefined) {
      // A start that was told counts, unless it is far from what came: some cameras tell zero.
      const told = this.#origin === undefined ? NaN : signed(timestamp - this.#origin) / clockRate;
      const arrived = Math.max(this.#ticks, now * clockRate);
      this.#ticks = Math.abs(told) < FAR ? told * clockRate : arrived;
    } else this.#ticks += signed(timestamp - this.#last);
    this.#last = timestamp;
    if (isFirst) this.#tellClock();
    const time = this.#options.clock.place(this.#ticks / clockRate, now);
    const key = track.codec === "h264" || track.codec === "h265"
      ? inspectAccessUnit(track.codec, data).key
      : true;
    return { track, time, data, key, damaged };
  }
}

/** A difference of numbers that wrap at 2^32. */
function signed(difference: number): number {
  return difference | 0;
}
