/**
 * A tunnel with its timer: the end that a device has of it.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import { Alarm } from "./delay_line.ts";
import { DeviceTunnel, type TunnelHost, type TunnelOptions } from "./device_tunnel.ts";

/** Feeds a tunnel with datagrams and time. */
export class TunnelEnd {
  /** The tunnel. */
  readonly tunnel: DeviceTunnel;
  readonly #alarm: Alarm;
  readonly #ended: (end: TunnelEnd) => void;

  /** `ended` is called once, when nothing can come of it any more. */
  constructor(
    clock: Clock,
    host: Omit<TunnelHost, "now">,
    options: TunnelOptions,
    ended: (end: TunnelEnd) => void,
  ) {
    const now = () => clock.now();
    this.tunnel = new DeviceTunnel({ ...host, now, pending: () => this.#settle() }, options);
    this.#alarm = new Alarm(clock, () => {
      this.tunnel.tick();
      this.#settle();
    });
    this.#ended = ended;
  }

  /** Takes a datagram of the client. */
  input(datagram: Uint8Array): void {
    this.tunnel.input(datagram);
    this.#settle();
  }

  /** Ends it without a word. */
  vanish(): void {
    this.tunnel.vanish();
    this.#settle();
  }

  #settle(): void {
    if (!this.tunnel.over) return this.#alarm.before(this.tunnel.deadline);
    this.#alarm.cancel();
    this.#ended(this);
  }
}
