/** A {@linkcode Mux} and a device's PseudoTcp on a perfect link, step by step on virtual time. */

import { Mux } from "../../lib/p2p/mux.ts";
import type { MuxOptions } from "../../lib/p2p/mux_options.ts";
import { type TouMessage, TouParser, writeDataHead } from "../../lib/p2p/tou.ts";
import { PseudoTcp } from "../../lib/simulator/p2p/pseudo_tcp.ts";
import { seeded } from "../support/random.ts";

const NOTHING = new Uint8Array(0);

/** Both ends. What the device does is up to the test. */
export class MuxPair {
  readonly mux: Mux;
  /** Messages at the device, without DATA. */
  readonly messages: TouMessage[] = [];
  /** Bytes of DATA at the device, by realm. */
  readonly received = new Map<number, number>();
  now = 0;
  /** True: nothing passes any more. */
  isDead = false;
  /** True for datagrams of the client that are lost. */
  loses: (datagram: Uint8Array) => boolean = () => false;
  /** The device leaves what it gets in its buffer. */
  isStalled = false;
  readonly #device: PseudoTcp;
  readonly #transit: { to: "mux" | "device"; bytes: Uint8Array; at: number }[] = [];
  readonly #delay: number;
  #answers: boolean;
  /** Bytes that the device has left in its buffer. */
  #left = 0;

  /** @param options.answers every BIND is answered with CONN; default true */
  constructor(
    options: Partial<MuxOptions> & { answers?: boolean; delay?: number; receiveBuffer?: number } =
      {},
  ) {
    const { answers = true, delay = 1, receiveBuffer, ...rest } = options;
    this.#answers = answers;
    this.#delay = delay;
    this.mux = new Mux({ random: seeded(1), ...rest });
    const parser = new TouParser({
      data: (realm, payload) => {
        this.received.set(realm, (this.received.get(realm) ?? 0) + payload.length);
      },
      message: (message) => {
        this.messages.push(message);
        if (message.type === "bind" && this.#answers) this.status(message.realm, "CONN");
      },
    });
    this.#device = new PseudoTcp({
      emit: (bytes) => this.#send("mux", bytes),
      deliver: (bytes) => {
        parser.push(bytes);
        if (this.isStalled) this.#left += bytes.length;
        else this.#device.consume(bytes.length, this.now);
      },
    }, { receiveBuffer });
    this.mux.connect(this.now);
    this.run(10);
  }

  /** The device takes what it has left in its buffer, and what comes. */
  resume(): void {
    this.isStalled = false;
    this.#device.consume(this.#left, this.now);
    this.#left = 0;
  }

  /** The window that the device knows of. */
  get deviceMaySend(): number {
    return this.#device.peerWindow;
  }

  /** Types of the messages that came since the last time. */
  take(): string[] {
    return this.messages.splice(0).map((message) =>
      message.type === "status" ? message.status : message.type
    );
  }

  /** The device speaks. */
  send(bytes: Uint8Array): void {
    this.#device.send(bytes, NOTHING, this.now);
  }

  /** The device says that a realm is open or closed. */
  status(realm: number, word: "CONN" | "DISC"): void {
    const bytes = new Uint8Array(16);
    bytes[0] = 0x12;
    new DataView(bytes.buffer).setUint32(4, realm);
    bytes.set(new TextEncoder().encode(word), 12);
    this.send(bytes);
  }

  /** The device sends DATA, as much as its buffer takes of `bytes`; returns how much. */
  data(realm: number, bytes: number): number {
    const head = new Uint8Array(12);
    let sent = 0;
    while (sent < bytes && this.#device.room > 1_292) {
      const size = Math.min(1_280, bytes - sent);
      writeDataHead(head, realm, size);
      this.#device.send(head, new Uint8Array(size), this.now);
      sent += size;
    }
    return sent;
  }

  /** Lets `time` milliseconds pass. `work` is called whenever something has moved. */
  run(time: number, work: () => void = () => {}): void {
    const end = this.now + time;
    for (;;) {
      work();
      for (let next = this.mux.poll(this.now); next !== null; next = this.mux.poll(this.now)) {
        this.#send("device", next);
      }
      const at = Math.min(
        this.#transit[0]?.at ?? Infinity,
        this.mux.deadline,
        this.#device.deadline,
      );
      if (at > end) break;
      this.now = Math.max(this.now, at);
      while ((this.#transit[0]?.at ?? Infinity) <= this.now) {
        const { to, bytes } = this.#transit.shift()!;
        if (to === "mux") this.mux.input(bytes, this.now);
        else this.#device.input(bytes, this.now);
      }
      if (this.now >= this.#device.deadline) this.#device.tick(this.now);
    }
    this.now = end;
  }

  #send(to: "mux" | "device", bytes: Uint8Array): void {
    if (this.isDead || (to === "device" && this.loses(bytes))) return;
    this.#transit.push({ to, bytes: bytes.slice(), at: this.now + this.#delay });
  }
}
