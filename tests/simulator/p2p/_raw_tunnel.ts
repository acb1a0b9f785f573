/** A client of a simulated tunnel that is nothing but bytes. */

import {
  DeviceTunnel,
  type TunnelHost,
  type TunnelOptions,
} from "../../../lib/simulator/p2p/device_tunnel.ts";
import { InnerMessageReader } from "../../../lib/simulator/p2p/inner_messages.ts";
import { smallServices } from "../../../lib/simulator/p2p/services.ts";
import { read, type Seen, segment, SYN } from "./_segments.ts";

export const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));

export const bind = (realm: string, port: number, target = "7f000001") =>
  hex(`11000000 ${realm} 00000000 ${port.toString(16).padStart(8, "0")} ${target}`);
export const status = (realm: string, word: string) =>
  hex(`12000000 ${realm} 00000000 ${new TextEncoder().encode(word).toHex()}`);
export const data = (realm: string, body: Uint8Array) =>
  hex(`10${body.length.toString(16).padStart(6, "0")} ${realm} 00000000 ${body.toHex()}`);

/** A message as the device sent it. */
export type Message = readonly [kind: string, realm: number, rest: string];

/** The client's end: it acknowledges what is in order at once, and never sends anything again. */
export class RawPeer {
  readonly segments: Seen[] = [];
  /** Segments that came and were not the next, or empty. */
  outOfOrder = 0;
  window = 0xffff;
  /** Segments that are acknowledged, from now on. */
  acks = Infinity;
  readonly #out: (datagram: Uint8Array) => void;
  readonly #reader: InnerMessageReader;
  #messages: Message[] = [];
  #next = 0;
  #expected = 0;

  constructor(out: (datagram: Uint8Array) => void) {
    this.#out = out;
    const put = (...message: Message) => void this.#messages.push(message);
    this.#reader = new InnerMessageReader({
      data: (realm, bytes) => put("DATA", realm, new TextDecoder().decode(bytes)),
      bind: (realm, port) => put("BIND", realm, String(port)),
      status: (realm, word) => put(word, realm, ""),
      other: (type, tail) => put(type.toString(16), 0, new TextDecoder().decode(tail)),
      unknown: (type) => put("unknown", type, ""),
    });
  }

  connect(): void {
    this.#next = 4;
    this.#out(SYN);
  }

  /** Sends inner messages as one segment each. */
  send(...bodies: Uint8Array[]): void {
    for (const body of bodies) {
      const fields = { sequence: this.#next, acknowledgement: this.#expected, window: this.window };
      this.#next = (this.#next + body.length) >>> 0;
      this.#out(segment(fields, body));
    }
  }

  /** Takes a datagram of the device. */
  input(datagram: Uint8Array): void {
    if (datagram.length < 24 || datagram[3] !== 0x50) return; // a stray one
    const seen = read(datagram);
    this.segments.push(seen);
    if (seen.body.length === 0 || seen.control !== 0) return;
    if (seen.sequence !== this.#expected) {
      this.outOfOrder++;
      return;
    }
    this.#expected = (this.#expected + seen.body.length) >>> 0;
    if ((seen.flags & 2) === 0) this.#reader.push(seen.body);
    if (this.acks-- > 0) this.send(new Uint8Array(0));
  }

  /** Messages that came since the last call. */
  messages(): Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}

/** A client on a perfect line to a tunnel. */
export class RawTunnel {
  readonly device: DeviceTunnel;
  readonly peer: RawPeer;
  now = 0;
  readonly #inbox: Uint8Array[] = [];
  #busy = false;

  constructor(options: TunnelOptions = {}, host: Partial<TunnelHost> = {}) {
    this.device = new DeviceTunnel({
      emit: (datagram) => this.#inbox.push(datagram.slice()),
      now: () => this.now,
      open: smallServices,
      sign: () => new TextEncoder().encode("opaque-sign-0001"),
      check: (sign) => new TextDecoder().decode(sign) === "opaque-sign-0001",
      ...host,
    }, options);
    this.peer = new RawPeer((datagram) => {
      this.device.input(datagram);
      this.#drain();
    });
  }

  static open(options: TunnelOptions = {}, host: Partial<TunnelHost> = {}): RawTunnel {
    const raw = new RawTunnel(options, host);
    raw.peer.connect();
    raw.#drain();
    raw.send(new Uint8Array(0));
    return raw;
  }

  get segments(): Seen[] {
    return this.peer.segments;
  }

  set acks(count: number) {
    this.peer.acks = count;
  }

  send(...bodies: Uint8Array[]): void {
    this.peer.send(...bodies);
  }

  messages(): Message[] {
    this.#drain();
    return this.peer.messages();
  }

  /** Lets time pass. */
  wait(ms: number): void {
    const end = this.now + ms;
    while (this.device.deadline <= end) {
      this.now = Math.max(this.now, this.device.deadline);
      this.device.tick();
      this.#drain();
    }
    this.now = end;
  }

  #drain(): void {
    if (this.#busy) return;
    this.#busy = true;
    for (let next; (next = this.#inbox.shift()) !== undefined;) this.peer.input(next);
    this.#busy = false;
  }
}
