/**
 * How packets travel: between the answers on the connection, or as datagrams.
 *
 * @module
 */

import { concat } from "../../../net/bytes.ts";
import type { ByteStream } from "../../../net/stream.ts";
import { type Datagrams, openDatagrams } from "../../../net/udp.ts";
import type { DeviceState } from "../../state.ts";
import { piecesOf } from "../../write_faults.ts";
import { receiverReports } from "./rtcp.ts";

/** Where the packets of a track go. */
export interface Transport {
  /** What the answer to SETUP says of it. */
  readonly field: string;
  /** True when what the network cannot take waits; false when it is lost. */
  readonly patient: boolean;
  /** Sends packets of RTP, in order. */
  sendRtp(packets: readonly Uint8Array[]): void;
  /** Sends a packet of RTCP. */
  sendRtcp(packet: Uint8Array): void;
  /** Gives back what it holds. */
  close(): void;
}

/** Most bytes of one write. */
const MOST_WRITE = 262_144;

/** Bytes on their way over the connection. */
export class RtspOutbox {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #onLost: () => void;
  #queue: Uint8Array[] = [];
  #size = 0;
  #pump: Promise<void> | undefined;
  #closed = false;

  /** `onLost` is called when the connection can no longer be written. */
  constructor(stream: ByteStream, state: DeviceState, onLost: () => void) {
    this.#stream = stream;
    this.#state = state;
    this.#onLost = onLost;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#size;
  }

  /** Puts bytes behind the others. */
  add(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#queue.push(bytes);
    this.#size += bytes.length;
    this.#pump ??= this.#write();
  }

  /** Resolves when nothing waits any more. */
  async flushed(): Promise<void> {
    while (this.#pump !== undefined) await this.#pump;
  }

  /** Drops what waits and takes no more. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#size = 0;
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        let size = 0;
        let count = 0;
        for (const each of this.#queue) {
          if (count > 0 && size + each.length > MOST_WRITE) break;
          size += each.length;
          count++;
        }
        const bytes = concat(this.#queue.splice(0, count));
        this.#state.counters.served("rtsp", bytes.length);
        for (const piece of piecesOf(bytes, this.#state)) await this.#stream.write(piece);
        this.#size = Math.max(0, this.#size - size);
      }
    } catch {
      this.#onLost(); // the client is gone: nobody is left to be told
    } finally {
      this.#pump = undefined;
    }
  }
}

/** Packets between the answers (RFC 2326 section 10.12); channels 0-254. */
export function interleaved(outbox: RtspOutbox, channel: number): Transport {
  const framed = (packet: Uint8Array, on: number) =>
    concat([Uint8Array.of(0x24, on, packet.length >> 8, packet.length & 0xff), packet]);
  return {
    field: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    patient: true,
    sendRtp: (packets) => outbox.add(concat(packets.map((packet) => framed(packet, channel)))),
    sendRtcp: (packet) => outbox.add(framed(packet, channel + 1)),
    close: () => {},
  };
}

/** Datagrams that may wait to be sent; more are lost. */
const MOST_DATAGRAMS = 4096;

/** Attempts to get two ports of which the first is even. */
const ATTEMPTS = 50;

async function openPair(host: string): Promise<[Datagrams, Datagrams]> {
  for (let attempt = 1;; attempt++) {
    const first = await openDatagrams({ host });
    const { port } = first.address;
    // The second port is beside the first, on the side that makes the lower one even.
    const other = port % 2 === 0 ? port + 1 : port - 1;
    try {
      const second = await openDatagrams({ host, port: other });
      return port % 2 === 0 ? [first, second] : [second, first];
    } catch (error) {
      first.close();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Datagrams to two ports of the client.
 *
 * @throws {DhipError} `DHIP_UNREACHABLE` when there are no ports
 */
export async function datagrams(
  state: DeviceState,
  client: string,
  ports: readonly [rtp: number, rtcp: number],
  ssrc: string,
): Promise<Transport> {
  const [rtp, rtcp] = await openPair(state.options.host);
  const { faults, counters } = state;
  let held: Uint8Array | undefined;
  const queue: { socket: Datagrams; packet: Uint8Array; port: number }[] = [];
  let sending = false;
  const pump = async () => {
    sending = true;
    for (let next; (next = queue.shift()) !== undefined;) {
      const { socket, packet, port } = next;
      counters.served("rtsp", packet.length);
      // What the network does not take is lost, as it would be on the way.
      await socket.send(packet, { host: client, port }).catch(() => {});
    }
    sending = false;
  };
  // One after the other: of sends that run side by side the last may leave first.
  const send = (socket: Datagrams, packet: Uint8Array, port: number) => {
    if (queue.length >= MOST_DATAGRAMS) return;
    queue.push({ socket, packet, port });
    if (!sending) pump();
  };
  const listen = async () => {
    for await (const { bytes } of rtcp) counters.rtsp.reports += receiverReports(bytes);
  };
  listen().catch(() => {});
  const server = `${rtp.address.port}-${rtcp.address.port}`;
  return {
    field: `RTP/AVP;unicast;client_port=${ports[0]}-${ports[1]};server_port=${server};ssrc=${ssrc}`,
    patient: false,
    sendRtp: (packets) => {
      for (const packet of packets) {
        if (faults.strike("udp-loss") !== undefined) continue;
        if (held === undefined && faults.strike("udp-reorder") !== undefined) {
          held = packet;
          continue;
        }
        send(rtp, packet, ports[0]);
        if (faults.strike("udp-duplicate") !== undefined) send(rtp, packet, ports[0]);
        if (held !== undefined) send(rtp, held, ports[0]);
        held = undefined;
      }
    },
    sendRtcp: (packet) => send(rtcp, packet, ports[1]),
    close: () => {
      queue.length = 0;
      rtp.close();
      rtcp.close();
    },
  };
}
