/**
 * `POST /RPC2_Login` and `POST /RPC2`: the calls of DHIP as JSON over HTTP.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { concat } from "../../net/bytes.ts";
import { type Answer, refuse, replyText } from "../answer.ts";
import { dispatch } from "../dispatch.ts";
import { LoginDesk } from "../login.ts";
import type { Catalogue } from "../service.ts";
import type { SessionKey } from "../sessions.ts";
import type { DeviceState } from "../state.ts";
import { NotifyDesk } from "./notify.ts";
import { carriesSession, sessionCookies } from "./cookies.ts";
import { type HttpAnswer, type HttpRequest, page, type Peer, redirect } from "./message.ts";

/** Logins that may be half done over all connections. */
const PENDING_LOGINS = 64;

const NO_BYTES = new Uint8Array(0);

/** RPC2 of one device. */
export class Rpc2 {
  readonly #state: DeviceState;
  readonly #catalogue: Catalogue;
  readonly #desk: LoginDesk;
  readonly #notify: NotifyDesk;

  /** The calls are those of the catalogue. */
  constructor(state: DeviceState, catalogue: Catalogue) {
    this.#state = state;
    this.#catalogue = catalogue;
    this.#notify = new NotifyDesk(state);
    const { httpSession } = state.options;
    this.#desk = new LoginDesk(state, {
      service: "rpc2",
      keys: httpSession,
      pending: PENDING_LOGINS,
    });
  }

  /** The answer to a POST. `login` is true for /RPC2_Login. */
  answer(request: HttpRequest, peer: Peer, login: boolean): HttpAnswer {
    const { faults } = this.#state;
    const json = parse(request.body);
    const method = typeof json?.method === "string" ? json.method : "";
    if (!login && faults.strike("rpc2-disabled") !== undefined) return redirect(301, "/");
    if (faults.strike("html-instead", method) !== undefined) return page(200, "WEB SERVICE");
    if (json === undefined) return reply("", 0, 0, refuse("parse"));
    const key = this.#keyOf(json.session);
    const answer = key === undefined
      ? refuse("session")
      : login
      ? this.#login(json, method, key, peer)
      : this.#call(json, method, key, request);
    const echo = typeof json.id === "number" || typeof json.id === "string" ? json.id : 0;
    const session = answer.session ?? key ?? 0;
    const headers = login && answer.result === true ? this.#cookies(session) : [];
    return { ...reply(method, echo, session, answer), headers };
  }

  /** The answer to /SubscribeNotify.cgi. */
  subscribe(request: HttpRequest): HttpAnswer {
    const { faults } = this.#state;
    if (faults.strike("rpc2-disabled") !== undefined) return redirect(301, "/");
    if (faults.strike("html-instead", "SubscribeNotify") !== undefined) {
      return page(200, "WEB SERVICE");
    }
    const named = new URLSearchParams(request.query).get("sessionId");
    return this.#notify.answer(request, this.#keyOf(named) || undefined);
  }

  #login(json: JsonObject, method: string, key: SessionKey, peer: Peer): Answer {
    if (method !== "global.login") return refuse("method");
    return this.#desk.login(json.params, key, peer.address);
  }

  #call(json: JsonObject, method: string, key: SessionKey, request: HttpRequest): Answer {
    const state = this.#state;
    if (method === "") return refuse("parse");
    if (!carriesSession(state.options.webGeneration, request, key)) return refuse("session");
    const session = state.sessions.touch(key, "rpc2", state.clock.now());
    if (session === undefined) return refuse("session");
    const { params, object } = json;
    const id = typeof json.id === "number" ? json.id : 0;
    const call = { method, params, object, id, binary: NO_BYTES, nested: false };
    const target = this.#notify.boxOf(session);
    return dispatch(this.#catalogue, call, { state, session, target });
  }

  #cookies(key: SessionKey): readonly (readonly [string, string])[] {
    const session = this.#state.sessions.find(key);
    return session === undefined ? [] : sessionCookies(this.#state.options.webGeneration, session);
  }

  /** The session of a request, 0 for none; undefined when it is of the wrong form. */
  #keyOf(session: unknown): SessionKey | undefined {
    if (session === undefined || session === null || session === 0 || session === "") return 0;
    if (this.#state.options.httpSession === "hex") {
      return typeof session === "string" && /^[0-9a-f]{32}$/.test(session) ? session : undefined;
    }
    const number = typeof session === "string" && /^\d{1,10}$/.test(session)
      ? Number(session)
      : session;
    return typeof number === "number" && Number.isInteger(number) && number > 0 &&
        number < 2 ** 32
      ? number
      : undefined;
  }
}

/** A JSON object; real clients end it with a newline or NUL bytes. */
function parse(body: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body).replace(/\0+$/, ""));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as JsonObject;
  } catch {
    return undefined;
  }
}

function reply(
  method: string,
  id: number | string,
  session: SessionKey,
  answer: Answer,
): HttpAnswer {
  const { binary, afterwards } = answer;
  const text = replyText(answer, id, session);
  return {
    status: 200,
    type: "application/json",
    // Binary follows the JSON and its newline, as in DahuaConsole's downloads.
    body: binary === undefined ? text : concat([new TextEncoder().encode(text), binary]),
    call: method,
    ...(afterwards === undefined ? {} : { afterwards }),
  };
}
