/**
 * `RPC_Loadfile` in its forms, and `RPC3_Loadfile`: recordings, key frames and live streams over
 * HTTP.
 *
 * @module
 */

import type { Account } from "../accounts.ts";
import { type Answer, type DeviceErrorName, refuse, replyText } from "../answer.ts";
import { timeOf } from "../device_clock.ts";
import type { Recording } from "../recordings/disk.ts";
import type { Session, SessionKey } from "../sessions.ts";
import type { DeviceState } from "../state.ts";
import { carriesSession, sessionIn } from "../web/cookies.ts";
import { failure, type HttpAnswer, type HttpRequest } from "../web/message.ts";
import { keyFrameAt, recordingBytes } from "./disk_reader.ts";
import { liveBody } from "./live_body.ts";
import { readerOf } from "./stream_readers.ts";
import { wrap } from "./wrapping.ts";

const CALL = "RPC_Loadfile";
const PREFIX = "/RPC_Loadfile";

/** Serves files and streams of one device. */
export class LoadfileDesk {
  readonly #state: DeviceState;

  /** Everything comes from the disk and the sensors of the device. */
  constructor(state: DeviceState) {
    this.#state = state;
  }

  /** True for the paths that are served here. */
  static serves(path: string): boolean {
    return path.startsWith(PREFIX) || path.startsWith(`/cgi-bin${PREFIX}`);
  }

  /** The answer to a GET with the cookie of a session. */
  answer(request: HttpRequest): HttpAnswer {
    const session = this.#sessionOf(request);
    if (session === undefined) return refusal("session", 0);
    this.#state.counters.call(CALL, "rpc2");
    const path = pathOf(request.path.slice(PREFIX.length));
    if (path === undefined) return { ...failure(400), call: CALL };
    const object = /^\/(\d{1,10})$/.exec(path)?.[1];
    if (object !== undefined) return this.#live(session, Number(object));
    const recording = this.#find(path);
    if (recording === undefined) return { ...failure(404), call: CALL };
    if (!this.#allows(session.account, recording)) return refusal("authority", session.key);
    return this.#file(request, recording, session.key);
  }

  /** The answer to a GET below /cgi-bin/, from who has proven to be somebody. */
  answerCgi(request: HttpRequest, account: Account): HttpAnswer {
    this.#state.counters.call(CALL, "cgi");
    // python-amcrest puts one more slash before the path.
    const raw = request.path.slice(`/cgi-bin${PREFIX}`.length).replace(/^\/+/, "/");
    const path = pathOf(raw);
    if (path === undefined) return { ...failure(400), call: CALL };
    const recording = this.#find(path);
    if (recording === undefined) return { ...failure(404), call: CALL };
    if (!this.#allows(account, recording)) {
      const body = "Error\r\nAuthority:check failure.\r\n";
      return { status: 403, type: "text/plain;charset=utf-8", body, call: CALL };
    }
    return this.#file(request, recording, 0);
  }

  /** The answer to a POST of /RPC3_Loadfile. */
  keyFrame(request: HttpRequest): HttpAnswer {
    const json = parse(request.body);
    const id = typeof json?.id === "number" ? json.id : 0;
    const session = this.#sessionOf(request);
    if (session === undefined) return refusal("session", 0, id);
    this.#state.counters.call("StorageAssistant.getIFrameData", "rpc2");
    if (json?.method !== "StorageAssistant.getIFrameData") {
      return refusal("method", session.key, id);
    }
    const { Infos } = Object(json.params) as { Infos?: unknown };
    const { Channel, Time, VideoStream = "Main" } = Object(
      Array.isArray(Infos) ? Infos[0] : Infos,
    ) as Record<string, unknown>;
    const time = timeOf(Time);
    const known = typeof Channel === "number" && Channel >= 0 &&
      Channel < this.#state.options.channels && typeof VideoStream === "string";
    if (!known || time === undefined) return refusal("params", session.key, id);
    if (!mayReplay(this.#state, session.account, Channel)) {
      return refusal("authority", session.key, id);
    }
    const where = { channel: Channel, stream: VideoStream };
    const frame = keyFrameAt(this.#state, where, time);
    if (frame === undefined) return refusal("unknown", session.key, id);
    const answer = wrap(this.#state.options.loadfileForm, [frame], frame.length, session.key);
    return { ...answer, call: CALL };
  }

  #live(session: Session, object: number): HttpAnswer {
    const reader = readerOf(this.#state, session, object);
    if (reader === undefined) return refusal("object", session.key);
    const live = liveBody(this.#state, reader, () => this.#state.sessions.alive(session));
    return { status: 200, type: "application/octet-stream", body: "", call: CALL, live };
  }

  #find(path: string): Recording | undefined {
    return this.#state.options.sdCard ? this.#state.disk.find(path) : undefined;
  }

  #allows(account: Account, { channel }: Recording): boolean {
    return mayReplay(this.#state, account, channel);
  }

  #file(request: HttpRequest, recording: Recording, key: SessionKey): HttpAnswer {
    const state = this.#state;
    const { loadfileForm, loadfileRanges } = state.options;
    const { length } = recording;
    const bytes = (from: number, to: number) => recordingBytes(state, recording, from, to);
    const short = state.faults.strike("short-download");
    const end = short === undefined ? length : Math.max(0, length - short.number("missing"));
    if (loadfileForm !== "raw") {
      return { ...wrap(loadfileForm, bytes(0, end), end, key), call: CALL };
    }
    const announced = short?.flag("announced") === true ? length : end;
    const answer = { ...wrap("raw", bytes(0, end), announced), call: CALL };
    if (!loadfileRanges) return answer;
    const range = rangeOf(request.headers.get("range"), announced);
    if (range === undefined) return { ...answer, headers: [["Accept-Ranges", "bytes"]] };
    if (range === "none") {
      return { ...failure(416), headers: [["Content-Range", `bytes */${announced}`]], call: CALL };
    }
    const [from, to] = range;
    return {
      ...wrap("raw", bytes(from, Math.min(to, end)), to - from),
      status: 206,
      headers: [["Content-Range", `bytes ${from}-${to - 1}/${announced}`]],
      call: CALL,
    };
  }

  #sessionOf(request: HttpRequest): Session | undefined {
    const { sessions, options } = this.#state;
    const text = sessionIn(options.webGeneration, request);
    if (text === undefined) return undefined;
    const session = sessions.find(options.httpSession === "hex" ? text : Number(text));
    if (session?.service !== "rpc2" || !sessions.alive(session)) return undefined;
    return carriesSession(options.webGeneration, request, session.key) ? session : undefined;
  }
}

/** True when an account may see the recordings of a channel, 0-based. */
export function mayReplay(state: DeviceState, account: Account, channel: number): boolean {
  if (state.faults.strike("download-refused") !== undefined) return false;
  const right = `Replay_${String(channel + 1).padStart(2, "0")}`;
  return account.rights?.includes(right) ?? true;
}

/** A path as it is on the disk; undefined when `[`, `]` or `@` were not escaped (DahuaBridge). */
function pathOf(escaped: string): string | undefined {
  if (/[[\]@]/.test(escaped)) return undefined;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** The bytes that a field Range asks for; undefined when it has to be passed over. */
function rangeOf(
  field: string | undefined,
  length: number,
): readonly [from: number, to: number] | "none" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(field?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return last === "0" ? "none" : [Math.max(0, length - Number(last)), length];
  const [from, to] = [Number(first), last === "" ? length : Math.min(length, Number(last) + 1)];
  if (last !== "" && Number(last) < from) return undefined;
  return from < length ? [from, to] : "none";
}

function refusal(name: DeviceErrorName, session: SessionKey, id = 0): HttpAnswer {
  const answer: Answer = refuse(name);
  return {
    status: 200,
    type: "application/json",
    body: replyText(answer, id, session),
    call: CALL,
  };
}

function parse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    return Object(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return undefined;
  }
}
