/**
 * Who may use RTSP. The Digest is that of RFC 2069, as these cameras ask for it: MD5, no qop.
 *
 * @module
 */

import type { Account } from "../../accounts.ts";
import type { DeviceState } from "../../state.ts";
import { type DigestCredentials, parseAuthorization } from "../../web/authorization.ts";
import { expectedResponse } from "../../web/digest.ts";
import { NonceBook } from "../../web/nonces.ts";
import type { RtspAnswer, RtspRequest } from "./message.ts";

const NO_BYTES = new Uint8Array(0);

/** Either an account, or the answer that refuses the request. */
export type RtspVerdict =
  | { readonly account: Account | undefined; readonly refusal?: never }
  | { readonly account?: never; readonly refusal: RtspAnswer };

/** Asks for credentials and checks them. One gate for one device. */
export class RtspGate {
  readonly #state: DeviceState;
  readonly #nonces: NonceBook;
  /** Connections whose first right answer was counted as a login. */
  readonly #known = new WeakSet<object>();

  /** The options of the device decide what is asked for. */
  constructor(state: DeviceState) {
    this.#state = state;
    this.#nonces = new NonceBook(state.clock, state.mediaRandom, state.options.nonceLifetime);
  }

  /** Judges a request; `connection` is the same object for all of one connection. */
  admit(request: RtspRequest, connection: object, address: string): RtspVerdict {
    const { options, initialised } = this.#state;
    if (!initialised) return { refusal: { status: 403 } };
    if (options.rtspAuth === "none") return { account: undefined };
    const field = request.headers.get("authorization");
    if (field === undefined) return this.#challenge();
    const credentials = parseAuthorization(field);
    if (credentials === undefined) return { refusal: { status: 400 } };
    if (!options.rtspAuth.includes(credentials.scheme)) return this.#challenge();
    if (credentials.scheme === "basic") {
      const { user, password } = credentials;
      return this.#judge(user, (account) => account.password === password, address) ??
        this.#accept(user, connection);
    }
    return this.#digest(credentials, request, connection, address);
  }

  /** Forgets nonces, as a device does without power. */
  forget(): void {
    this.#nonces.clear();
  }

  #digest(
    { user, params }: DigestCredentials,
    request: RtspRequest,
    connection: object,
    address: string,
  ): RtspVerdict {
    const { realm } = this.#state;
    const response = params.get("response");
    const algorithm = params.get("algorithm")?.toUpperCase() ?? "MD5";
    const formed = response !== undefined && params.get("uri") === request.uri &&
      !params.has("qop") && algorithm === "MD5";
    if (!formed) return { refusal: { status: 400 } };
    if (params.get("realm") !== realm) return this.#challenge();
    const { method, uri: target } = request;
    const facts = { hash: "md5", sess: false, user, realm, method, target } as const;
    const right = ({ password }: Account) =>
      response.toLowerCase() === expectedResponse({ ...facts, password, body: NO_BYTES, params });
    const refused = this.#judge(user, right, address);
    if (refused !== undefined) return refused;
    const use = this.#nonces.use(params.get("nonce") ?? "", undefined);
    return use === "stale" ? this.#challenge(true) : this.#accept(user, connection);
  }

  /** The refusal of a locked account or a wrong password. */
  #judge(
    user: string,
    right: (account: Account) => boolean,
    address: string,
  ): RtspVerdict | undefined {
    const { accounts, counters } = this.#state;
    const account = accounts.find(user);
    const locked = accounts.lock(user) !== undefined;
    if (!locked && account !== undefined && right(account)) return undefined;
    counters.refusedLogin("rtsp");
    if (!locked) {
      accounts.strike(user);
      this.#state.loginFailed(user, address);
    }
    return this.#challenge();
  }

  #accept(user: string, connection: object): RtspVerdict {
    const { accounts, counters } = this.#state;
    accounts.forgive(user);
    if (!this.#known.has(connection)) counters.login("rtsp");
    this.#known.add(connection);
    return { account: accounts.find(user)! };
  }

  #challenge(stale = false): RtspVerdict {
    const { realm, options: { rtspAuth } } = this.#state;
    const headers: [string, string][] = [];
    if (rtspAuth.includes("digest")) {
      const nonce = `Digest realm="${realm}", nonce="${this.#nonces.issue()}"`;
      headers.push(["WWW-Authenticate", stale ? `${nonce}, stale=true` : nonce]);
    }
    if (rtspAuth.includes("basic")) headers.push(["WWW-Authenticate", `Basic realm="${realm}"`]);
    return { refusal: { status: 401, headers } };
  }
}
