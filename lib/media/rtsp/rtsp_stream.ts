/**
 * Plays a stream over RTSP 1.0 (RFC 2326), as far as cameras and recorders speak it.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Authenticator } from "../../http/authenticator.ts";
import { type Clock, systemClock, type Timer } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { CallOptions, Dialer } from "../../net/stream.ts";
import { endpoint, isSerial, nameInRequests } from "../../net/tcp.ts";
import { type OpenDatagrams, openDatagrams as openSocket } from "../../net/udp.ts";
import { depacketizerOf } from "./depacketizer.ts";
import { RtspConnection, type RtspResponse } from "./rtsp_connection.ts";
import { parseSdp, type SessionDescription } from "./sdp.ts";
import { SenderClocks } from "./sender_clock.ts";
import { type MediaTrack, type MediaUnit, trackOf, TrackReceiver } from "./track.ts";
import { interleaved, overUdp, type TrackPath } from "./track_path.ts";
import { UnitQueue } from "./unit_queue.ts";

/** The usual port. */
export const RTSP_PORT = 554;

/** How a stream is played. Times in milliseconds. */
export interface RtspStreamOptions extends CallOptions {
  /** Path and query, for example `/cam/realmonitor?channel=1&subtype=0`. */
  readonly path: string;
  /** Port. Default 554. */
  readonly port?: number | undefined;
  /** What to play. Default: pictures and sound. */
  readonly kinds?: readonly ("video" | "audio")[] | undefined;
  /**
   * `tcp`, the default: packets inside the RTSP connection, which is the only way through a tunnel.
   * `udp`: each stream over ports of its own.
   */
  readonly transport?: "tcp" | "udp" | undefined;
  /** Part of a recording as RTSP writes it, for example `npt=0.000-`. Default: from the start. */
  readonly range?: string | undefined;
  /** Longest time without a packet. Default 10 000. */
  readonly idleTimeout?: number | undefined;
  /** Limit for opening the connection. Default 5 000. */
  readonly connectTimeout?: number | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Injected sockets. */
  readonly openDatagrams?: OpenDatagrams | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets a line for each message. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** How long a TEARDOWN may take. */
const TEARDOWN_TIMEOUT = 500;
/** Receiver reports go out this often. */
const REPORT_INTERVAL = 5_000;
/** A session that names no time limit lasts 60 s (RFC 2326 section 12.37). */
const SESSION_TIMEOUT = 60;

interface Playing {
  readonly receiver: TrackReceiver;
  readonly path: TrackPath;
}

/**
 * A stream that plays. Iterate it once; leaving the loop, `close` or `await using` ends it.
 *
 * @throws {DhipError} inside the iteration: `DHIP_CONNECTION_LOST`, `DHIP_TIMEOUT` when nothing
 *   comes any more
 */
export class RtspStream implements AsyncIterable<MediaUnit>, AsyncDisposable {
  readonly #connection: RtspConnection;
  readonly #url: string;
  readonly #options: RtspStreamOptions;
  readonly #clock: Clock;
  readonly #queue: UnitQueue;
  readonly #host: string;
  readonly #clocks = new SenderClocks();
  #playing: Playing[] = [];
  #session = "";
  #methods = "";
  #startedAt = 0;
  #timers: Timer[] = [];
  #closing: Promise<void> | undefined;

  private constructor(
    connection: (
      onPacket: (channel: number, bytes: Uint8Array) => Promise<void> | undefined,
    ) => RtspConnection,
    place: { readonly host: string; readonly url: string },
    queue: UnitQueue,
    options: RtspStreamOptions,
  ) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#host = place.host;
    this.#url = place.url;
    this.#queue = queue;
    this.#connection = connection((channel, bytes) => this.#onPacket(channel, bytes));
  }

  /**
   * Connects and plays.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE`, `DHIP_TIMEOUT`, `DHIP_WRONG_PROTOCOL`,
   *   `DHIP_NOT_SUPPORTED` when there is no such stream or nothing in it that dhip knows,
   *   `DHIP_DEVICE_BUSY`, `DHIP_NO_PERMISSION`, `DHIP_HTTP_STATUS`, `DHIP_INTERRUPTED`
   * @throws {AuthError} see `Authenticator.exchange`
   * @throws {TypeError} when packets are to come over UDP through a tunnel
   */
  static async open(
    dialer: Dialer,
    authenticator: Authenticator,
    options: RtspStreamOptions,
  ): Promise<RtspStream> {
    const { port = RTSP_PORT, clock = systemClock, signal, timeout = 10_000, onTrace } = options;
    const host = endpoint(dialer.host, port);
    const url = `rtsp://${endpoint(nameInRequests(dialer.host), port)}${options.path}`;
    if (options.transport === "udp" && isSerial(dialer.host)) {
      throw new TypeError("RTP over UDP does not go through a tunnel; its transport is tcp");
    }
    const stream = await dialer.dial(port, { signal, timeout: options.connectTimeout });
    const queue = new UnitQueue();
    const playing = new RtspStream(
      (onPacket) =>
        new RtspConnection(stream, {
          host,
          authenticator,
          clock,
          timeout,
          onPacket,
          onLost: (error) => queue.end(error),
          onTrace,
        }),
      { host, url },
      queue,
      options,
    );
    try {
      await playing.#begin(dialer.host);
      return playing;
    } catch (error) {
      await playing.close();
      throw error;
    }
  }

  /** What is played. */
  get tracks(): readonly MediaTrack[] {
    return this.#playing.map(({ receiver }) => receiver.track);
  }

  /** Packets lost so far, over all streams. */
  get lostPackets(): number {
    return this.#playing.reduce((sum, { receiver }) => sum + receiver.lost, 0);
  }

  /** Units in the order of arrival. */
  async *[Symbol.asyncIterator](): AsyncGenerator<MediaUnit, void, void> {
    const { signal } = this.#options;
    const stop = () => void this.close();
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    try {
      yield* this.#queue;
    } finally {
      signal?.removeEventListener("abort", stop);
      await this.close();
    }
  }

  /** Ends the session on the device and closes the connection. Bounded in time. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(name: string): Promise<void> {
    this.#methods = (await this.#request("OPTIONS", this.#url)).headers.get("public") ?? "";
    const description = await this.#describe();
    const { kinds = ["video", "audio"] } = this.#options;
    for (const media of description.session.media) {
      const track = trackOf(media, this.#playing.length);
      const depacketizer = depacketizerOf(media);
      if (track === undefined || depacketizer === undefined) {
        if (media.kind !== "application") {
          this.#options.onNotice?.(
            `${media.kind} in ${media.encoding || "an unknown codec"} is left out`,
          );
        }
        continue;
      }
      if (!kinds.includes(track.kind)) continue;
      const path = await this.#setUp(controlUrl(description.base, media.control), name);
      const receiver = new TrackReceiver({
        track,
        depacketizer,
        payloadType: media.payloadType,
        reorder: path.isOrdered ? { limit: 0 } : {},
        ssrc: Math.floor(Math.random() * 2 ** 32),
        clock: this.#clocks.add(track.kind),
      });
      this.#playing.push({ receiver, path });
    }
    if (this.#playing.length === 0) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "The stream holds nothing that dhip can play", {
        host: this.#host,
        hint: "H.264, H.265, AAC and G.711 are known; look at the camera's encoder settings.",
      });
    }
    await this.#play(controlUrl(description.base, description.session.control));
  }

  async #describe(): Promise<{ session: SessionDescription; base: string }> {
    const { headers, body } = await this.#request("DESCRIBE", this.#url, {
      accept: "application/sdp",
    });
    const base = headers.get("content-base") ?? headers.get("content-location") ?? this.#url;
    return { session: parseSdp(new TextDecoder().decode(body)), base: this.#ownUrl(base) };
  }

  async #setUp(url: string, name: string): Promise<TrackPath> {
    const { transport = "tcp", openDatagrams = openSocket } = this.#options;
    const wanted = transport === "udp"
      ? await overUdp(name, openDatagrams)
      : interleaved(2 * this.#playing.length, this.#connection);
    try {
      const reply = await this.#request("SETUP", url, {
        transport: wanted.offer,
        ...this.#sessionHeader(),
      });
      const [id = "", ...parameters] = (reply.headers.get("session") ?? "").split(";");
      this.#session = id.trim() || this.#session; // some name it only once
      const limit = parameters.map((text) => /^\s*timeout=(\d{1,6})/.exec(text)?.[1]).find(Boolean);
      this.#sessionTimeout = Math.max(2, Number(limit ?? SESSION_TIMEOUT));
      wanted.accept(reply.headers.get("transport") ?? "");
      return wanted;
    } catch (error) {
      wanted.close();
      throw error;
    }
  }

  #sessionTimeout = SESSION_TIMEOUT;

  async #play(url: string): Promise<void> {
    const { range = "npt=0.000-", idleTimeout = 10_000 } = this.#options;
    this.#startedAt = this.#clock.now();
    for (const { receiver, path } of this.#playing) {
      path.start(
        (bytes) => {
          this.#deliver(receiver, bytes);
          return this.#queue.room();
        },
        (bytes) => this.#control(receiver, bytes),
      );
    }
    const reply = await this.#request("PLAY", url, { range, ...this.#sessionHeader() });
    this.#readRtpInfo(reply.headers.get("rtp-info") ?? "");
    this.#every(this.#sessionTimeout * 500, () => void this.#keepAlive(url));
    this.#every(REPORT_INTERVAL, () => this.#report());
    this.#queue.expect(this.#clock, idleTimeout, this.#host);
  }

  /** Which timestamp each stream starts with; streams are told apart by their order. */
  #readRtpInfo(info: string): void {
    const entries = info.split(",").filter((entry) => entry.trim() !== "");
    for (const [index, entry] of entries.entries()) {
      const timestamp = /rtptime=(\d{1,10})/.exec(entry)?.[1];
      if (timestamp !== undefined) this.#playing[index]?.receiver.startAt(Number(timestamp));
    }
  }

  /** GET_PARAMETER where the device has it: some take OPTIONS for no sign of life. */
  async #keepAlive(url: string): Promise<void> {
    const method = this.#methods.includes("GET_PARAMETER") ? "GET_PARAMETER" : "OPTIONS";
    await this.#connection.request(method, url, this.#sessionHeader()).catch(() => {});
  }

  #report(): void {
    const now = this.#now();
    for (const { receiver, path } of this.#playing) {
      const bytes = receiver.receiverReport(now);
      if (bytes !== undefined) path.report(bytes);
    }
  }

  #every(interval: number, work: () => void): void {
    const index = this.#timers.length;
    const again = () => {
      this.#timers[index] = this.#clock.timer(() => {
        work();
        again();
      }, interval);
    };
    this.#timers.push({ cancel: () => {} });
    again();
  }

  #onPacket(channel: number, bytes: Uint8Array): Promise<void> | undefined {
    for (const { path } of this.#playing) {
      if (path.take(channel, bytes)) break;
    }
    return this.#queue.room();
  }

  #deliver(receiver: TrackReceiver, bytes: Uint8Array): void {
    for (const unit of receiver.push(bytes, this.#now())) this.#queue.push(unit);
  }

  #control(receiver: TrackReceiver, bytes: Uint8Array): void {
    receiver.pushControl(bytes, this.#now());
    if (!this.#playing.every(({ receiver }) => receiver.ended)) return;
    for (const { receiver } of this.#playing) {
      for (const unit of receiver.flush(this.#now())) this.#queue.push(unit);
    }
    this.#queue.end(); // the end of a recording
  }

  /** Seconds since PLAY. */
  #now(): number {
    return (this.#clock.now() - this.#startedAt) / 1000;
  }

  #sessionHeader(): Record<string, string> {
    return this.#session === "" ? {} : { session: this.#session };
  }

  /** Devices behind a tunnel or NAT name themselves by an address that only they know. */
  #ownUrl(url: string): string {
    return url.replace(/^rtsp:\/\/[^/]*/i, /^rtsp:\/\/[^/]*/.exec(this.#url)![0]);
  }

  async #request(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RtspResponse> {
    const { signal, timeout } = this.#options;
    const reply = await this.#connection.request(method, url, headers, { signal, timeout });
    if (reply.status >= 200 && reply.status <= 299) return reply;
    throw refusal(method, reply, this.#host);
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#queue.end();
    if (this.#session !== "" && this.#connection.ended === undefined) {
      // A request that is not answered may stand before it.
      const teardown = () => this.#connection.request("TEARDOWN", this.#url, this.#sessionHeader());
      const limit = { what: "RTSP TEARDOWN", timeout: TEARDOWN_TIMEOUT, clock: this.#clock };
      await withDeadline(teardown, limit).catch(() => {});
    }
    this.#connection.close();
    for (const { path } of this.#playing) path.close();
  }
}

/** Where a stream or the whole session is controlled (RFC 2326 section C.1.1). */
function controlUrl(base: string, control: string): string {
  if (control === "" || control === "*") return base;
  if (/^rtsp:\/\//i.test(control)) return control.replace(/^rtsp:\/\/[^/]*/i, originOf(base));
  // Devices expect their control text behind the base as it is, query or not.
  return `${base}${base.endsWith("/") ? "" : "/"}${control}`;
}

function originOf(url: string): string {
  return /^rtsp:\/\/[^/]*/i.exec(url)?.[0] ?? url;
}

function refusal(method: string, { status, reason }: RtspResponse, host: string): DhipError {
  const said = `RTSP ${method}: ${status} ${reason}`.trimEnd();
  const options = { host, method, deviceCode: status };
  switch (status) {
    case 403:
      return new DhipError("DHIP_NO_PERMISSION", `${said}: the user may not play this`, options);
    case 404:
    case 400:
      return new DhipError("DHIP_NOT_SUPPORTED", `${said}: there is no such stream`, {
        ...options,
        hint: "Check channel and sub-stream, or name the path with --template.",
      });
    case 454:
      return new DhipError("DHIP_SESSION_LOST", said, options);
    case 461:
      return new DhipError("DHIP_NOT_SUPPORTED", `${said}: not over this transport`, options);
    case 453:
    case 503:
      return new DhipError("DHIP_DEVICE_BUSY", `${said}: the device streams all it can`, options);
    default:
      return new DhipError("DHIP_HTTP_STATUS", said, { ...options, retryable: status >= 500 });
  }
}
