/**
 * One connection to the RTSP port: requests in, answers and packets out.
 *
 * @module
 */

import type { Timer } from "../../../net/clock.ts";
import { sleep } from "../../../net/deadline.ts";
import type { ByteStream } from "../../../net/stream.ts";
import type { Account } from "../../accounts.ts";
import type { DeviceState } from "../../state.ts";
import { partsBetween, streamName } from "../disk_reader.ts";
import { liveInfo } from "../live.ts";
import { loadProgram } from "../program.ts";
import type { RtspGate } from "./gate.ts";
import {
  encodeAnswer,
  type RtspAnswer,
  RtspReader,
  type RtspRequest,
  UnreadableRtsp,
} from "./message.ts";
import { orderOf, rangeText } from "./range.ts";
import { receiverReports } from "./rtcp.ts";
import { describeProgram, tracksOf } from "./sdp.ts";
import { RtspSession, type SessionSource } from "./session.ts";
import { parseTarget, type RtspTarget } from "./target.ts";
import { Track } from "./track.ts";
import { datagrams, interleaved, RtspOutbox, type Transport } from "./transport.ts";

const METHODS = [
  "OPTIONS",
  "DESCRIBE",
  "SETUP",
  "PLAY",
  "PAUSE",
  "TEARDOWN",
  "GET_PARAMETER",
  "SET_PARAMETER",
];

/** A connection that a client made. Its sessions end with it. */
export class RtspConnection {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #gate: RtspGate;
  readonly #address: string;
  readonly #reader: RtspReader;
  readonly #outbox: RtspOutbox;
  readonly #stop = new AbortController();
  #session: RtspSession | undefined;
  #expiry: Timer | undefined;
  #mute = false;

  /** Takes over the stream. */
  constructor(stream: ByteStream, state: DeviceState, gate: RtspGate, address: string) {
    this.#stream = stream;
    this.#state = state;
    this.#gate = gate;
    this.#address = address;
    this.#reader = new RtspReader(stream);
    this.#outbox = new RtspOutbox(stream, state, () => this.close());
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const input = await this.#reader.next();
        if (input === undefined) return;
        if (this.#mute) continue;
        if (input.request === undefined) {
          // What is not a report goes unheard; neither keeps a session alive.
          this.#state.counters.rtsp.reports += receiverReports(input.data);
          continue;
        }
        await this.#serve(input.request);
      }
    } catch (error) {
      if (error instanceof UnreadableRtsp) this.#answer({ status: 400 }, "0");
      await this.#outbox.flushed();
    } finally {
      this.close();
    }
  }

  /** From now on: swallow everything, say nothing, stay open. */
  mute(): void {
    this.#mute = true;
    this.#session?.pause();
    this.#outbox.close();
  }

  /** Ends the connection and its session. */
  close(): void {
    this.#stop.abort();
    this.#forget();
    this.#outbox.close();
    this.#stream.close();
  }

  async #serve(request: RtspRequest): Promise<void> {
    const { method, headers } = request;
    this.#state.counters.call(METHODS.includes(method) ? `RTSP.${method}` : "(unknown)", "rtsp");
    const answer = await this.#respond(request);
    if (this.#mute) return;
    this.#answer(answer, headers.get("cseq") ?? "0");
    answer.afterwards?.();
  }

  #answer(answer: RtspAnswer, sequence: string): void {
    this.#outbox.add(encodeAnswer(answer, sequence));
  }

  async #respond(request: RtspRequest): Promise<RtspAnswer> {
    const { method, headers, uri } = request;
    const { faults, clock } = this.#state;
    if (headers.has("require")) {
      return { status: 551, headers: [["Unsupported", headers.get("require")!]] };
    }
    if (method === "OPTIONS") {
      this.#touch();
      return { status: 200, headers: [["Public", METHODS.join(", ")]] };
    }
    if (!METHODS.includes(method)) return { status: 501 };
    const { account, refusal } = this.#gate.admit(request, this, this.#address);
    if (refusal !== undefined) return refusal;
    const refused = faults.strike("rtsp-refused", method)?.number("status");
    if (refused !== undefined) return { status: refused };
    const named = headers.get("session")?.split(";")[0];
    if (named !== undefined && named !== this.#session?.id) return { status: 454 };
    this.#touch();
    switch (method) {
      case "DESCRIBE":
        return this.#describe(uri, account);
      case "SETUP": {
        const late = faults.strike("late-setup")?.number("delay") ?? 0;
        if (late > 0) await sleep(late, this.#stop.signal, clock);
        return await this.#setUp(request, account, named);
      }
      case "GET_PARAMETER":
      case "SET_PARAMETER":
        return { status: 200, headers: this.#sessionField() };
    }
    if (this.#session === undefined || named === undefined) return { status: 454 };
    switch (method) {
      case "PLAY":
        return this.#play(request, this.#session);
      case "PAUSE":
        this.#session.pause();
        return { status: 200, headers: this.#sessionField() };
      default: {
        const headers = this.#sessionField();
        this.#forget();
        return { status: 200, headers };
      }
    }
  }

  #describe(uri: string, account: Account | undefined): RtspAnswer {
    const source = this.#find(parseTarget(uri), account);
    if ("status" in source) return source;
    const { target, parts } = source;
    const seconds = parts === undefined
      ? undefined
      : (parts.at(-1)!.to - (target.from ?? parts[0]!.from)) / 1000;
    return {
      status: 200,
      headers: [["Content-Type", "application/sdp"], ["Content-Base", `${target.base}/`]],
      body: describeProgram(source.program, seconds),
    };
  }

  async #setUp(
    request: RtspRequest,
    account: Account | undefined,
    named: string | undefined,
  ): Promise<RtspAnswer> {
    if (this.#session !== undefined && named === undefined) return { status: 454 };
    if (this.#session?.playing === true) return { status: 455 };
    const target = parseTarget(request.uri);
    const source = this.#session?.source ?? this.#find(target, account);
    if ("status" in source) return source;
    const number = target?.track ?? 0;
    const info = tracksOf(source.program)[number];
    if (info === undefined || target?.base !== source.target.base) return { status: 404 };
    const { mediaRandom: random, options } = this.#state;
    const ssrc = random.uint32();
    const transport = await this.#transport(request.headers.get("transport") ?? "", number, ssrc);
    if (transport === undefined) return { status: 461 };
    if (this.#stop.signal.aborted) {
      transport.close();
      return { status: 503 };
    }
    const session = this.#session ??= new RtspSession(
      String(random.integer(1_000_000, 2_000_000_000)),
      source,
      this.#state,
      this.#outbox,
      () => this.#end(),
    );
    this.#touch();
    const old = session.tracks.get(number);
    if (old === undefined) {
      session.tracks.set(number, new Track(info, transport, options.rtpPayload, random, ssrc));
    } else old.move(transport);
    return { status: 200, headers: [...this.#sessionField(), ["Transport", transport.field]] };
  }

  /** The first way that both sides can go; undefined when there is none. */
  async #transport(field: string, track: number, ssrc: number): Promise<Transport | undefined> {
    for (const offer of field.split(",").map((each) => each.trim())) {
      if (/multicast/i.test(offer)) continue;
      if (/^RTP\/AVP\/TCP\b/i.test(offer)) {
        const [, first] = /interleaved=(\d{1,3})-\d{1,3}/i.exec(offer) ?? [];
        const channel = first === undefined ? track * 2 : Number(first);
        if (channel <= 254) return interleaved(this.#outbox, channel);
      } else if (/^RTP\/AVP(\/UDP)?(;|$)/i.test(offer) && this.#state.options.rtspUdp) {
        const [, rtp, rtcp] = /client_port=(\d{1,5})(?:-(\d{1,5}))?/i.exec(offer) ?? [];
        const ports = [Number(rtp), Number(rtcp ?? Number(rtp) + 1)] as const;
        if (!ports.every((port) => port >= 1 && port <= 65_535)) continue;
        const id = ssrc.toString(16).toUpperCase().padStart(8, "0");
        return await datagrams(this.#state, this.#address, ports, id).catch(() => undefined);
      }
    }
    return undefined;
  }

  #play({ headers }: RtspRequest, session: RtspSession): RtspAnswer {
    const { source } = session;
    const live = source.parts === undefined;
    const order = orderOf(this.#state, source, session.position, headers);
    if (order === undefined) return { status: 457 };
    const start = live ? session.liveStart() : order.from;
    const wrong = this.#state.faults.strike("wrong-rtp-info") !== undefined ? 1 : 0;
    const info = [...session.tracks].map(([number, track]) =>
      `url=${source.target.base}/trackID=${number};` +
      `seq=${(track.sequence + wrong * 20_000) % 65_536};` +
      `rtptime=${(track.ticks(start) + wrong * 1_000_000_000) % 2 ** 32}`
    );
    return {
      status: 200,
      afterwards: () => {
        if (live) session.playLive();
        else session.playRecorded(order);
      },
      headers: [
        ...this.#sessionField(),
        ["Range", rangeText(this.#state, source, order, headers.get("range"))],
        ...(headers.has("scale") ? [["Scale", headers.get("scale")!] as const] : []),
        ["RTP-Info", info.join(",")],
      ],
    };
  }

  /** What an address names, or the answer that it names nothing. */
  #find(
    target: RtspTarget | undefined,
    account: Account | undefined,
  ): SessionSource | RtspAnswer {
    const state = this.#state;
    if (target === undefined || !(target.channel >= 0 && target.channel < state.options.channels)) {
      return { status: 404 };
    }
    const { channel, subtype, from, to } = target;
    const right = `${from === undefined ? "Monitor" : "Replay"}_${
      String(channel + 1).padStart(2, "0")
    }`;
    if (account?.rights?.includes(right) === false) return { status: 403 };
    if (from === undefined) {
      const info = liveInfo(state, target);
      if (info === undefined) return { status: 404 };
      return { target, parts: undefined, program: loadProgram(info) };
    }
    const parts = partsBetween(state, { channel, stream: streamName(subtype) }, from, to);
    if (parts.length === 0) return { status: 404 };
    return { target, parts, program: loadProgram(parts[0]!.program) };
  }

  #sessionField(): [name: string, value: string][] {
    const session = this.#session;
    if (session === undefined) return [];
    return [["Session", `${session.id};timeout=${this.#state.options.rtspTimeout}`]];
  }

  /** The client has been heard: its session lives on. */
  #touch(): void {
    this.#expiry?.cancel();
    if (this.#session === undefined || this.#stop.signal.aborted) return;
    this.#expiry = this.#state.clock.timer(() => {
      this.#state.counters.rtsp.expired++;
      this.close(); // a client that is silent may not read either
    }, this.#state.options.rtspTimeout * 1000);
  }

  /** Ends the connection when what waits has left. */
  #end(): void {
    this.#forget();
    this.#outbox.flushed().then(() => this.close());
  }

  #forget(): void {
    this.#expiry?.cancel();
    this.#session?.close();
    this.#session = undefined;
  }
}
