/**
 * The web server of a device: which path is answered by whom.
 *
 * @module
 */

import type { Catalogue } from "../service.ts";
import type { DeviceState } from "../state.ts";
import { LoadfileDesk } from "../media/loadfile.ts";
import { Cgi } from "./cgi.ts";
import {
  failure,
  type HttpAnswer,
  type HttpRequest,
  page,
  type Peer,
  redirect,
} from "./message.ts";
import { Rpc2 } from "./rpc2.ts";

/** Answers the requests of all connections. */
export class WebSite {
  readonly #state: DeviceState;
  readonly #rpc2: Rpc2;
  readonly #cgi: Cgi;
  readonly #loadfile: LoadfileDesk;

  /** The calls of RPC2 are those of the catalogue. */
  constructor(state: DeviceState, catalogue: Catalogue) {
    this.#state = state;
    this.#rpc2 = new Rpc2(state, catalogue);
    this.#loadfile = new LoadfileDesk(state);
    this.#cgi = new Cgi(state, this.#loadfile);
  }

  /** The answer to a request. */
  answer(request: HttpRequest, peer: Peer): HttpAnswer | Promise<HttpAnswer> {
    const { path, method } = request;
    const { redirectToHttps } = this.#state.options;
    if (redirectToHttps !== false && !peer.secure) {
      return redirect(redirectToHttps, `${this.#secureOrigin(request)}${request.target}`);
    }
    switch (path) {
      case "/RPC2_Login":
      case "/RPC2":
        if (method !== "POST") return notAllowed("POST");
        return this.#rpc2.answer(request, peer, path === "/RPC2_Login");
      case "/SubscribeNotify.cgi":
        if (method !== "GET" && method !== "POST") return notAllowed("GET, POST");
        return this.#rpc2.subscribe(request);
      case "/RPC3_Loadfile":
        if (method !== "POST") return notAllowed("POST");
        return this.#loadfile.keyFrame(request);
      case "/":
      case "/index.html":
        if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD");
        return page(200, "WEB SERVICE");
    }
    if (path.startsWith("/cgi-bin/")) return this.#cgi.answer(request, peer);
    if (LoadfileDesk.serves(path)) {
      if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD");
      return this.#loadfile.answer(request);
    }
    return failure(404);
  }

  /** Forgets what a device forgets without power. */
  powerCycle(): void {
    this.#cgi.forget();
  }

  #secureOrigin(request: HttpRequest): string {
    const { httpsPort, options } = this.#state;
    // The name that the client used, without its port; the device's own when there is none.
    const named = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.exec(request.headers.get("host") ?? "")?.[1];
    const host = named ?? (options.host.includes(":") ? `[${options.host}]` : options.host);
    return `https://${host}${httpsPort === 443 ? "" : `:${httpsPort}`}`;
  }
}

function notAllowed(methods: string): HttpAnswer {
  return { ...failure(405), headers: [["Allow", methods]] };
}
