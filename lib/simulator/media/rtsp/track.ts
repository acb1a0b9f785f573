/**
 * A track of a session: packets become RTP, time becomes ticks, reports are written.
 *
 * @module
 */

import { concat } from "../../../net/bytes.ts";
import type { Random } from "../../prng.ts";
import type { MediaPacket } from "../program.ts";
import { senderReport } from "./rtcp.ts";
import { payloadsOf, RTP_HEADER } from "./rtp.ts";
import type { TrackInfo } from "./sdp.ts";
import type { Transport } from "./transport.ts";

/** Sends one kind of packets. */
export class Track {
  /** What is sent. */
  readonly info: TrackInfo;
  /** Source. */
  readonly ssrc: number;
  readonly #most: number;
  readonly #base: number;
  #transport: Transport;
  #sequence: number;
  #packets = 0;
  #bytes = 0;

  /** `most` is the longest payload in bytes. Numbers begin anywhere, as RFC 3550 wants. */
  constructor(info: TrackInfo, transport: Transport, most: number, random: Random, ssrc: number) {
    this.info = info;
    this.ssrc = ssrc;
    this.#transport = transport;
    this.#most = most;
    this.#base = random.uint32();
    this.#sequence = random.integer(0, 0xffff);
  }

  /** True when what the network cannot take waits. */
  get patient(): boolean {
    return this.#transport.patient;
  }

  /** Number of the next packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Ticks at a time in ms. */
  ticks(time: number): number {
    return (this.#base + Math.round(time * this.info.rate / 1000)) % 2 ** 32;
  }

  /** Sends a packet with the time that it shall be of; returns how many bytes that were. */
  send(packet: MediaPacket, time: number): { packets: number; bytes: number } {
    const ticks = this.ticks(time);
    const sent: Uint8Array[] = [];
    let total = 0;
    for (const { parts, marker } of payloadsOf(packet, this.info.codec, this.#most)) {
      const bytes = concat([new Uint8Array(RTP_HEADER), ...parts]);
      const view = new DataView(bytes.buffer);
      view.setUint8(0, 0x80);
      view.setUint8(1, (marker ? 0x80 : 0) | this.info.type);
      view.setUint16(2, this.#sequence);
      view.setUint32(4, ticks);
      view.setUint32(8, this.ssrc);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#packets++;
      this.#bytes += bytes.length - RTP_HEADER;
      total += bytes.length;
      sent.push(bytes);
    }
    this.#transport.sendRtp(sent);
    return { packets: sent.length, bytes: total };
  }

  /** Tells that a stream's time in ms is `time` in ms since 1970. */
  report(streamTime: number, time: number, bye = false): void {
    this.#transport.sendRtcp(senderReport({
      ssrc: this.ssrc,
      time,
      rtpTime: this.ticks(streamTime),
      packets: this.#packets % 2 ** 32,
      bytes: this.#bytes % 2 ** 32,
    }, bye));
  }

  /** Goes another way from now on. */
  move(transport: Transport): void {
    this.#transport.close();
    this.#transport = transport;
  }

  /** Gives back what it holds. */
  close(): void {
    this.#transport.close();
  }
}
