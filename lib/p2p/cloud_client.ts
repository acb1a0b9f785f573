/**
 * Requests to servers of the P2P cloud over datagrams that get lost, repeated and late.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import type { DatagramAddress, Datagrams } from "../net/udp.ts";
import { sameAddress } from "./candidates.ts";
import { type CloudResponse, createdText, encodeRequest, readResponse } from "./cloud.ts";
import type { BodyFields } from "./cloud_xml.ts";
import { NONCE_LIMIT } from "./device_auth.ts";
import type { CloudProfile } from "./profile.ts";

/** Waits in ms before a request is sent again (the vendor's library, by pabloromeo/dh-p2p). */
const WAITS = [500, 1000, 2000, 4000];
/** Time limit of one request in ms (the same). */
const LIMIT = 10_000;
/** How often a refused time is corrected (the same). */
const MOST_CORRECTIONS = 3;
/** A correction below this, in ms, changes nothing: the time was not the reason. */
const LEAST_CORRECTION = 1000;
/** A correction beyond this, in ms (a century), is no time that anybody has. */
const LARGEST_CORRECTION = 100 * 365 * 86_400_000;

/** What a client of the cloud needs. */
export interface CloudClientOptions {
  /** The cloud and the identity to sign with. */
  readonly profile: CloudProfile;
  /** Monotonic time. */
  readonly clock: Clock;
  /** Time in ms since 1970. */
  readonly wallClock: () => number;
  /** Numbers 0 <= x < 1. */
  readonly random: () => number;
}

/** One request. */
export interface CloudCall extends CallOptions {
  /** What it is for, for messages: paths hold tokens and are not shown. */
  readonly what: string;
  /** Host for errors. */
  readonly host: string;
  /** The socket to send from; whoever reads it feeds {@linkcode CloudClient.input}. */
  readonly socket: Datagrams;
  /** Server to ask; an address, not a name. */
  readonly to: DatagramAddress;
  /** Where else the answer may come from. */
  readonly alsoFrom?: DatagramAddress | undefined;
  /** Path of the request. */
  readonly path: string;
  /** Makes the elements of the body, fresh for each transmission. */
  readonly body?: (() => BodyFields) | undefined;
  /** Waits in ms before each repetition. */
  readonly waits?: readonly number[] | undefined;
}

interface Pending {
  readonly sources: readonly DatagramAddress[];
  readonly answer: (response: CloudResponse) => void;
}

/** Sends requests again until an answer comes, and finds the request of each answer. */
export class CloudClient {
  readonly #options: CloudClientOptions;
  readonly #pending = new Map<number, Pending>();
  #cseq = 0;
  /** The cloud's time minus ours, in ms. */
  #offset = 0;

  constructor(options: CloudClientOptions) {
    this.#options = options;
  }

  /** Time in ms since 1970 by the cloud's clock. */
  time(): number {
    return this.#options.wallClock() + this.#offset;
  }

  /** A fresh number for a signature. */
  nonce(): number {
    return Math.floor(this.#options.random() * NONCE_LIMIT);
  }

  /** Requests that wait for an answer. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Asks a server. A refusal is an answer too; only one of our clock is tried again, with the time
   * that the server told.
   *
   * @throws {DhipError} `DHIP_TIMEOUT` after `timeout` ms (default 10 000), `DHIP_INTERRUPTED`,
   *   `DHIP_UNREACHABLE`
   */
  async request(call: CloudCall): Promise<CloudResponse> {
    for (let corrections = 0;; corrections++) {
      const response = await this.#exchange(call);
      if (response.code !== 401 || response.date === null) return response;
      const offset = response.date - this.#options.wallClock();
      if (Math.abs(offset - this.#offset) < LEAST_CORRECTION) return response;
      if (Math.abs(offset) > LARGEST_CORRECTION) return response;
      if (corrections === MOST_CORRECTIONS) return response;
      this.#offset = offset;
    }
  }

  /** Takes a datagram that arrived; what answers nothing that waits is dropped. */
  input(datagram: Uint8Array, from: DatagramAddress): void {
    const response = readResponse(datagram);
    if (response === null || response.code < 200 || response.cseq === null) return;
    const pending = this.#pending.get(response.cseq);
    if (pending?.sources.some((source) => sameAddress(source, from))) pending.answer(response);
  }

  #exchange(call: CloudCall): Promise<CloudResponse> {
    const { what, host, socket, to, alsoFrom, path, body, waits = WAITS, signal } = call;
    const { profile, clock } = this.#options;
    const cseq = ++this.#cseq;
    const requestId = Array.from({ length: 32 }, () => this.#digit()).join("");
    const work = async (over: AbortSignal): Promise<CloudResponse> => {
      const { promise, resolve, reject } = Promise.withResolvers<CloudResponse>();
      const sources = alsoFrom === undefined ? [to] : [to, alsoFrom];
      this.#pending.set(cseq, { sources, answer: resolve });
      over.addEventListener("abort", () => reject(over.reason), { once: true });
      let round = 0;
      let timer = { cancel() {} };
      const transmit = () => {
        const created = createdText(this.time());
        const request = { path, cseq, requestId, body: body?.() };
        const bytes = encodeRequest(profile, request, { nonce: `${this.nonce()}`, created });
        socket.send(bytes, to).catch(reject);
        const wait = waits[round++];
        if (wait !== undefined) timer = clock.timer(transmit, wait);
      };
      try {
        transmit();
        return await promise;
      } finally {
        timer.cancel();
        this.#pending.delete(cseq);
      }
    };
    const timeout = call.timeout ?? LIMIT;
    return withDeadline(work, { what, host, clock, timeout, signal }).catch((error) => {
      if (error instanceof DhipError && error.code === "DHIP_TIMEOUT") {
        throw new DhipError("DHIP_TIMEOUT", `No answer within ${timeout} ms: ${what}`, {
          host,
          hint: `Is UDP to ${to.host}:${to.port} let out? Firewalls often block it.`,
        });
      }
      throw error;
    });
  }

  #digit(): string {
    return Math.floor(this.#options.random() * 16).toString(16);
  }
}
