/**
 * Drives the keep-alive state machine with a clock.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import type { RpcChannel } from "./channel.ts";
import { KeepAlive } from "./keep_alive.ts";

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  /** Time. */
  readonly clock: Clock;
  /** `host:port`, for the error. */
  readonly host: string;
  /** Sends one keep-alive; what comes of it is for the sender to judge. */
  readonly onSend: (keepAlive: KeepAlive) => void;
  /** The device has been silent for too long. */
  readonly onDead: (error: DhipError) => void;
}

/** Sends keep-alives while a session lives. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Begins for a session that was just logged in; `interval` in milliseconds. */
  start(channel: RpcChannel, interval: number): void {
    this.stop();
    if (channel.ended !== undefined) return;
    this.#schedule(channel, new KeepAlive(interval, this.#options.clock.now()));
  }

  /** Ends it. */
  stop(): void {
    this.#timer?.cancel();
  }

  #schedule(channel: RpcChannel, keepAlive: KeepAlive): void {
    const { clock } = this.#options;
    const wait = Math.max(0, keepAlive.deadline - clock.now());
    this.#timer = clock.timer(() => this.#tick(channel, keepAlive), wait);
  }

  #tick(channel: RpcChannel, keepAlive: KeepAlive): void {
    const { clock, host, onSend, onDead } = this.#options;
    const action = keepAlive.poll(clock.now(), channel.heardAt);
    if (action === "dead") {
      return onDead(
        new DhipError("DHIP_CONNECTION_LOST", "The device no longer answers", {
          host,
          hint: "Power, cable or network in between failed, or the device restarted.",
        }),
      );
    }
    this.#schedule(channel, keepAlive); // first, so that whatever is sent may stop it
    if (action === "send") onSend(keepAlive);
  }
}
