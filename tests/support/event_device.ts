/**
 * A device and a network on virtual time: DHIP and the web API's event stream, bytes that take their
 * time, links that die in every way. Written from the protocol; it shares framing with the client.
 */

import { encodeMessage, type JsonObject, MessageDecoder } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, CallOptions, Dialer } from "../../lib/net/stream.ts";
import type { VirtualClock } from "./virtual_clock.ts";

export interface Emitted {
  readonly id: number;
  readonly at: number;
}

/** How the device answers those who knock: refused, not at all, or as it should. */
export type Mode = "answering" | "refusing" | "unreachable";

interface Session {
  readonly id: number;
  /** Session ids are not used twice, attachments live in their session. */
  readonly sids: Map<number, number>;
}

export class EventDevice {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly emitted: Emitted[] = [];
  readonly underWay = new Map<string, Set<number>>();
  mode: Mode = "answering";
  /** Longest time a byte is on its way, ms. */
  latency = 200;
  /** Longest time the device thinks about a request, ms. */
  thinking = 300;
  keepAliveInterval = 20;
  /** Heartbeats are sent although events are not. */
  eventsStopped = false;
  logins = 0;
  refusePassword = false;
  /** The firmware has no `SubscribeNotify.cgi`. */
  noPushes = false;
  /** The web API is switched off. */
  noWebApi = false;
  /** `eventManager` wants its calls addressed to an object. */
  needsObject = false;
  /** Code of events whose state is asked for in vain: no answer comes. */
  silentAbout: unknown;
  /** Error numbers of methods that are refused. */
  readonly refusals = new Map<unknown, number>();
  readonly #connections = new Set<Connection>();
  readonly #sessions = new Map<number, Session>();
  #next = 100;

  constructor(clock: VirtualClock, random: () => number) {
    this.clock = clock;
    this.random = random;
  }

  readonly dialer: Dialer = {
    host: "device.test",
    dial: (port, options = {}) => this.#dial(port, options),
  };

  /** Connections over which events are delivered now. */
  get listeners(): number {
    return [...this.#connections].filter((connection) => connection.listens).length;
  }

  get connections(): number {
    return this.#connections.size;
  }

  emit(code = "VideoMotion", action = "Pulse", index = 0): Emitted {
    const emitted = { id: this.#next++, at: this.clock.now() };
    this.emitted.push(emitted);
    const set = this.underWay.get(code) ?? new Set();
    this.underWay.set(code, set);
    if (action === "Start") set.add(index);
    if (action === "Stop") set.delete(index);
    if (!this.eventsStopped) {
      for (const connection of this.#connections) {
        connection.tell({
          Code: code,
          Action: action,
          Index: index,
          Data: { EventID: emitted.id },
        });
      }
    }
    return emitted;
  }

  /** Every connection stays open and nothing passes any more. */
  mute(): void {
    for (const connection of this.#connections) connection.mute();
  }

  /** The requests for pushes stay open and nothing comes through them; everything else does. */
  mutePushes(): void {
    for (const connection of this.#connections) if (connection.listens) connection.mute();
  }

  /** Every connection breaks. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.close();
  }

  /** The device forgets all sessions. */
  forget(): void {
    this.#sessions.clear();
    for (const connection of [...this.#connections]) connection.forgotten();
  }

  /** Power off: half of the devices take their leave. */
  off(politely: boolean): void {
    if (politely) this.cut();
    else this.mute();
    this.forget();
    this.underWay.clear();
  }

  sessionOf(id: unknown): Session | undefined {
    return this.#sessions.get(Number(id));
  }

  login(): number {
    this.logins++;
    const id = this.#next++;
    this.#sessions.set(id, { id, sids: new Map() });
    return id;
  }

  logout(id: unknown): void {
    this.#sessions.delete(Number(id));
  }

  attach(session: Session): number {
    const sid = this.#next++;
    session.sids.set(sid, sid);
    return sid;
  }

  has(connection: Connection): boolean {
    return this.#connections.has(connection);
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
  }

  async #dial(port: number, { signal, timeout = 5_000 }: CallOptions): Promise<ByteStream> {
    const wait = (ms: number) =>
      new Promise<void>((resolve, reject) => {
        const timer = this.clock.timer(() => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        }, ms);
        const onAbort = () => {
          timer.cancel();
          reject(signal!.reason);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        if (signal?.aborted) onAbort();
      });
    await wait(Math.ceil(this.random() * this.latency));
    const end = this.clock.now() + timeout;
    while (this.mode === "unreachable") { // a knock is repeated every second
      if (this.clock.now() + 1_000 > end) {
        await wait(Math.max(0, end - this.clock.now()));
        throw new DhipError("DHIP_TIMEOUT", "connect");
      }
      await wait(1_000);
    }
    if (this.mode === "refusing") throw new DhipError("DHIP_UNREACHABLE", "connection refused");
    const [ours, theirs] = streamPair();
    const connection = port === 80 ? new WebConnection(this, theirs) : new DhipLink(this, theirs);
    this.#connections.add(connection);
    connection.serve();
    return ours;
  }
}

abstract class Connection {
  protected readonly device: EventDevice;
  protected readonly stream: ByteStream;
  #muted = false;
  #lastArrival = 0;

  constructor(device: EventDevice, stream: ByteStream) {
    this.device = device;
    this.stream = stream;
  }

  abstract get listens(): boolean;
  abstract tell(event: JsonObject): void;
  protected abstract receive(): Promise<void>;

  get muted(): boolean {
    return this.#muted;
  }

  async serve(): Promise<void> {
    try {
      await this.receive();
    } catch {
      // the client's affair
    }
    this.ended();
    this.device.gone(this);
  }

  mute(): void {
    this.#muted = true;
  }

  close(): void {
    this.stream.close();
    this.ended();
    this.device.gone(this);
  }

  protected ended(): void {}

  /** The sessions are gone. */
  forgotten(): void {}

  /** Bytes arrive later, and in order. */
  protected send(bytes: Uint8Array): void {
    const { clock, random, latency } = this.device;
    this.#lastArrival = Math.max(this.#lastArrival, clock.now() + Math.ceil(random() * latency));
    clock.timer(() => {
      if (!this.#muted) this.stream.write(bytes).catch(() => {});
    }, this.#lastArrival - clock.now());
  }

  protected think(then: () => void): void {
    const { clock, random, thinking } = this.device;
    clock.timer(() => {
      if (!this.#muted && this.device.has(this)) then();
    }, Math.ceil(random() * thinking));
  }
}

/** Answers RPC; `attach` makes an attachment on whatever carries the answers. */
function answerRpc(
  device: EventDevice,
  { id, method, params, session, object }: JsonObject,
  attach: (sid: number, session: number, id: number) => void,
  detach: (sid: number) => boolean,
): JsonObject {
  const done = (fields: JsonObject): JsonObject => ({ id, session, ...fields });
  const asked = (params ?? {}) as JsonObject;
  if (method === "global.login") {
    if (asked.password === "") {
      return done({
        session: 99,
        result: false,
        error: { code: 268632079 },
        params: { realm: "Login to TEST", random: "1234", encryption: "Default" },
      });
    }
    if (device.refusePassword) return done({ result: false, error: { code: 268632085 } });
    const { keepAliveInterval } = device;
    return done({ session: device.login(), result: true, params: { keepAliveInterval } });
  }
  const known = device.sessionOf(session);
  if (known === undefined) return done({ result: false, error: { code: 287637505 } });
  const code = device.refusals.get(method);
  if (code !== undefined) return done({ result: false, error: { code } });
  switch (method) {
    case "eventManager.factory.instance":
      return done({ result: 77 });
    case "eventManager.attach": {
      if (device.needsObject && (object !== 77 || asked.proc !== 77)) {
        return done({ result: false, error: { code: 268894209 } });
      }
      const SID = device.attach(known);
      attach(SID, known.id, id as number);
      return done({ result: true, params: { SID } });
    }
    case "eventManager.detach":
      return done({ result: detach(asked.SID as number) });
    case "eventManager.getEventIndexes": {
      const indexes = [...device.underWay.get(String(asked.code)) ?? []];
      return done({ result: true, params: { indexes } });
    }
    case "configManager.getConfig":
      return done({ result: true, params: { table: [{ Name: "Door" }] } });
    case "global.logout":
      device.logout(session);
  }
  return done({ result: true });
}

class DhipLink extends Connection {
  readonly #attached = new Map<number, { session: number; request: number }>();

  get listens(): boolean {
    return !this.muted &&
      [...this.#attached.values()].some(({ session }) =>
        this.device.sessionOf(session) !== undefined
      );
  }

  tell(event: JsonObject): void {
    if (this.muted) return;
    for (const [SID, { session, request: id }] of this.#attached) {
      if (this.device.sessionOf(session) === undefined) continue;
      const params = { SID, eventList: [event] };
      this.#reply({ id, method: "client.notifyEventStream", params, session }, id);
    }
  }

  protected async receive(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const decoder = new MessageDecoder();
    for (let length; (length = await this.stream.read(buffer)) !== null;) {
      if (this.muted) continue;
      for (const { json } of decoder.push(buffer.subarray(0, length))) {
        this.think(() => this.#answer(json as JsonObject));
      }
    }
  }

  #answer(request: JsonObject): void {
    const { code } = (request.params ?? {}) as JsonObject;
    if (code !== undefined && code === this.device.silentAbout) return;
    const reply = answerRpc(
      this.device,
      request,
      (sid, session, id) => this.#attached.set(sid, { session, request: id }),
      (sid) => this.#attached.delete(sid),
    );
    this.#reply(reply, request.id as number);
  }

  #reply(json: JsonObject, requestId: number): void {
    this.send(encodeMessage({ requestId, json }));
  }
}

class WebConnection extends Connection {
  #streaming = false;
  /** Session whose pushes this connection carries. */
  #pushes: number | undefined;
  #beat: { cancel(): void } | undefined;

  get listens(): boolean {
    if (this.muted) return false;
    return this.#streaming || (this.device.sessionOf(this.#pushes)?.sids.size ?? 0) > 0;
  }

  tell(event: JsonObject): void {
    const { Code, Action, Index, Data } = event;
    if (!this.listens) return;
    if (this.#pushes !== undefined) {
      for (const SID of this.device.sessionOf(this.#pushes)!.sids.keys()) {
        const params = { SID, eventList: [event] };
        const push = { id: 8, method: "client.notifyEventStream", params, session: this.#pushes };
        this.#text(`<script>var json=${JSON.stringify(push)};receiveMessage(json);</script>\r\n`);
      }
    } else {
      this.#part(
        `Code=${Code};action=${Action};index=${Index};data=${JSON.stringify(Data, undefined, 2)}\n`,
      );
    }
  }

  protected async receive(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let text = ""; // nothing here is beyond ASCII
    for (let length; (length = await this.stream.read(buffer)) !== null;) {
      if (this.muted) continue;
      text += new TextDecoder().decode(buffer.subarray(0, length));
      for (let end; (end = text.indexOf("\r\n\r\n")) >= 0;) {
        const head = text.slice(0, end);
        const size = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + size) break;
        const body = text.slice(end + 4, end + 4 + size);
        text = text.slice(end + 4 + size);
        const url = new URL(head.split(" ")[1]!, "http://device");
        this.think(() => this.#serve(url, body));
      }
    }
  }

  #serve(url: URL, body: string): void {
    const { device } = this;
    if (url.pathname.startsWith("/RPC2")) {
      const request = JSON.parse(body) as JsonObject;
      const detach = (sid: number) => device.sessionOf(request.session)!.sids.delete(sid);
      const reply = answerRpc(device, request, () => {}, detach);
      return this.#whole(JSON.stringify(reply));
    }
    if (url.pathname !== "/SubscribeNotify.cgi") {
      if (!device.noWebApi) return this.#answer(url.searchParams);
      return this.#text("HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
    }
    if (device.noPushes) return this.#text("HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
    if (device.sessionOf(url.searchParams.get("sessionId")) === undefined) {
      return this.#text("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    this.#pushes = Number(url.searchParams.get("sessionId"));
    this.#text("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>");
  }

  protected override ended(): void {
    this.#beat?.cancel();
  }

  /** Pushes end with their session. */
  override forgotten(): void {
    if (this.#pushes !== undefined && !this.muted) this.close();
  }

  override mute(): void {
    super.mute();
    this.#beat?.cancel();
  }

  #answer(query: URLSearchParams): void {
    if (query.get("action") === "attach") {
      this.#streaming = true;
      this.#text(
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n" +
          "Connection: close\r\n\r\n",
      );
      return this.#beatIn(Number(query.get("heartbeat")) * 1000);
    }
    const code = query.get("code");
    if (code !== null && code === this.device.silentAbout) return;
    const indexes = [...this.device.underWay.get(code ?? "") ?? []];
    const body = query.get("action") === "getConfig"
      ? "table.ChannelTitle[0].Name=Door\r\n"
      : indexes.length === 0
      ? "Error\r\n"
      : indexes.map((index, place) => `channels[${place}]=${index}\r\n`).join("");
    this.#whole(body);
  }

  #whole(body: string): void {
    this.#text(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  }

  #beatIn(period: number): void {
    this.#beat = this.device.clock.timer(() => {
      this.#part("Heartbeat");
      this.#beatIn(period);
    }, period);
  }

  #part(body: string): void {
    const length = new TextEncoder().encode(body).length;
    this.#text(
      `--myboundary\r\nContent-Type: text/plain\r\nContent-Length:${length}\r\n\r\n${body}\r\n`,
    );
  }

  #text(text: string): void {
    this.send(new TextEncoder().encode(text));
  }
}
