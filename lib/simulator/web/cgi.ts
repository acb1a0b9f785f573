/**
 * `/cgi-bin/NAME.cgi?action=…`: text in, text out.
 *
 * @module
 */

import type { DeviceState } from "../state.ts";
import { type CgiAnswer, type CgiScript, fault } from "./cgi_script.ts";
import { CGI_SCRIPTS } from "./cgi/registry.ts";
import { Gate } from "./gate.ts";
import { failure, type HttpAnswer, type HttpRequest, type Peer } from "./message.ts";

const SCRIPTS = new Map<string, CgiScript>(CGI_SCRIPTS.map((script) => [script.name, script]));

/** CGI of one device. */
export class Cgi {
  readonly #state: DeviceState;
  readonly #gate: Gate;

  /** Everything is behind one gate. */
  constructor(state: DeviceState) {
    this.#state = state;
    this.#gate = new Gate(state);
  }

  /** Forgets what a device forgets without power. */
  forget(): void {
    this.#gate.forget();
  }

  /** The answer to a request below /cgi-bin/. */
  answer(request: HttpRequest, peer: Peer): HttpAnswer {
    const name = /^\/cgi-bin\/(\w+)\.cgi$/.exec(request.path)?.[1] ?? "";
    const fields = fieldsOf(request.query);
    const action = fields.find(([key]) => key === "action")?.[1] ?? "";
    const call = `${name}.${action}`;
    const { account, refusal } = this.#gate.admit(request, peer);
    if (refusal !== undefined) return { ...refusal, call };
    const { counters } = this.#state;
    const script = SCRIPTS.get(name);
    if (script === undefined) return { ...failure(404), call };
    if (request.method !== "GET" && request.method !== "POST") return { ...failure(405), call };
    const handler = Object.hasOwn(script.actions, action) ? script.actions[action] : undefined;
    counters.call(handler === undefined ? "(unknown)" : call, "cgi");
    const rest = fields.filter(([key]) => key !== "action");
    const answer: CgiAnswer = handler === undefined
      ? fault(400, "Bad Request!")
      : script.adminOnly?.includes(action) && account.group !== "admin"
      ? fault(403, "Authority:check failure.")
      : handler({ state: this.#state, fields: rest });
    const { status = 200, body, afterwards } = answer;
    return {
      status,
      type: "text/plain;charset=utf-8",
      body,
      call,
      ...(afterwards === undefined ? {} : { afterwards }),
    };
  }
}

/** The fields of a query in their order; what cannot be decoded stays as it is. */
function fieldsOf(query: string): [key: string, value: string][] {
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0
      ? [decode(pair), ""]
      : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
