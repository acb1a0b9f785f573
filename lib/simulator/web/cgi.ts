/**
 * `/cgi-bin/NAME.cgi?action=…`: text in, text out.
 *
 * @module
 */

import type { Account } from "../accounts.ts";
import { LoadfileDesk } from "../media/loadfile.ts";
import type { DeviceState } from "../state.ts";
import { type CgiAnswer, type CgiScript, fault } from "./cgi_script.ts";
import { CGI_SCRIPTS } from "./cgi/registry.ts";
import { Gate, noPlace } from "./gate.ts";
import { failure, type HttpAnswer, type HttpRequest, page, type Peer } from "./message.ts";

const SCRIPTS = new Map<string, CgiScript>(CGI_SCRIPTS.map((script) => [script.name, script]));

/** CGI of one device. */
export class Cgi {
  readonly #state: DeviceState;
  readonly #gate: Gate;
  readonly #loadfile: LoadfileDesk;

  /** Everything is behind one gate. */
  constructor(state: DeviceState, loadfile: LoadfileDesk) {
    this.#loadfile = loadfile;
    this.#state = state;
    this.#gate = new Gate(state);
  }

  /** Forgets what a device forgets without power. */
  forget(): void {
    this.#gate.forget();
  }

  /** The answer to a request below /cgi-bin/. */
  async answer(request: HttpRequest, peer: Peer): Promise<HttpAnswer> {
    const name = /^\/cgi-bin\/(\w+)\.cgi$/.exec(request.path)?.[1] ?? "";
    const fields = fieldsOf(request.query);
    const action = fields.find(([key]) => key === "action")?.[1] ?? "";
    const call = action === "" ? name : `${name}.${action}`;
    const { account, refusal } = this.#gate.admit(request, peer);
    if (refusal !== undefined) return { ...refusal, call };
    const { faults, sessions } = this.#state;
    // Whoever is let in occupies a place like any session, for as long as the request takes.
    if (faults.strike("session-table-full") !== undefined || !sessions.hold()) {
      return { ...noPlace(), call };
    }
    const release = () => sessions.release();
    if (LoadfileDesk.serves(request.path)) {
      return { ...this.#loadfile.answerCgi(request, account), release };
    }
    const script = SCRIPTS.get(name);
    if (script === undefined) return { ...failure(404), call, release };
    if (request.method !== "GET" && request.method !== "POST") {
      return { ...failure(405), call, release };
    }
    if (faults.strike("html-instead", call) !== undefined) {
      return { ...page(200, "WEB SERVICE"), release };
    }
    const answer = await this.#run(script, call, action, account, fields);
    return { status: 200, type: "text/plain;charset=utf-8", ...answer, call, release };
  }

  async #run(
    script: CgiScript,
    call: string,
    action: string,
    account: Account,
    fields: [key: string, value: string][],
  ): Promise<CgiAnswer> {
    const state = this.#state;
    const handler = Object.hasOwn(script.actions, action) ? script.actions[action] : undefined;
    state.counters.call(handler === undefined ? "(unknown)" : call, "cgi");
    if (handler === undefined) return fault(400, "Bad Request!");
    if (script.adminOnly?.includes(action) && account.group !== "admin") {
      return fault(403, "Authority:check failure.");
    }
    const rest = fields.filter(([key]) => key !== "action");
    try {
      return await handler({ state, account, fields: rest });
    } catch {
      return fault(500, "Internal Error"); // whatever a client sent, the device goes on
    }
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
