/**
 * Who may use CGI: challenges, credentials, the lock of the account.
 *
 * @module
 */

import type { Account } from "../accounts.ts";
import type { DeviceState } from "../state.ts";
import { type DigestCredentials, parseAuthorization } from "./authorization.ts";
import { expectedResponse } from "./digest.ts";
import type { HttpAnswer, HttpRequest, Peer } from "./message.ts";
import { NonceBook } from "./nonces.ts";
import type { HttpAuth } from "./options.ts";

const TEXT = "text/plain;charset=utf-8";

/** Either an account, or the answer that refuses the request. */
export type Verdict =
  | { readonly account: Account; readonly refusal?: never }
  | { readonly account?: never; readonly refusal: HttpAnswer };

/** Asks for credentials and checks them. One gate for one device. */
export class Gate {
  readonly #state: DeviceState;
  readonly #nonces: NonceBook;
  readonly #opaque: string;
  readonly #hash: "md5" | "sha256";
  readonly #sess: boolean;
  /** Connections whose Basic credentials were counted as a login. */
  readonly #known = new WeakSet<Peer>();

  /** The options of the device decide what is asked for. */
  constructor(state: DeviceState) {
    this.#state = state;
    const random = state.webRandom;
    const { httpAuth, nonceLifetime } = state.options;
    this.#nonces = new NonceBook(state.clock, random, nonceLifetime);
    this.#opaque = random.hex(16).toLowerCase();
    this.#hash = httpAuth.startsWith("digest-sha256") ? "sha256" : "md5";
    this.#sess = httpAuth.endsWith("-sess");
  }

  /** Judges a request. */
  admit(request: HttpRequest, peer: Peer): Verdict {
    if (!this.#state.initialised) return { refusal: text(403, "Device is not initialised") };
    const field = request.headers.get("authorization");
    if (field === undefined) return this.#challenge();
    const credentials = parseAuthorization(field);
    const httpAuth = this.#scheme;
    if (credentials === undefined) return malformed("the Authorization field cannot be read");
    if (credentials.scheme === "basic") {
      if (!httpAuth.includes("basic")) return this.#challenge();
      const { user, password } = credentials;
      const right = (account: Account) => account.password === password;
      return this.#judge(user, right, peer) ?? this.#accept(user, !this.#known.has(peer), peer);
    }
    if (!httpAuth.includes("digest")) return this.#challenge();
    return this.#digest(credentials, request, peer);
  }

  /** Forgets nonces, as a device does without power. */
  forget(): void {
    this.#nonces.clear();
  }

  #digest({ user, params }: DigestCredentials, request: HttpRequest, peer: Peer): Verdict {
    const { realm } = this.#state;
    const problem = this.#problem(params, request.target);
    if (problem !== undefined) return malformed(problem);
    if (params.get("realm") !== realm) return this.#challenge(); // meant for another device
    const right = ({ password }: Account) =>
      params.get("response")!.toLowerCase() === expectedResponse({
        hash: this.#hash,
        sess: this.#sess,
        user,
        realm,
        password,
        method: request.method,
        target: request.target,
        body: request.body,
        params,
      });
    const refused = this.#judge(user, right, peer);
    if (refused !== undefined) return refused;
    const count = params.get("nc");
    const use = this.#nonces.use(
      params.get("nonce")!,
      count === undefined ? undefined : parseInt(count, 16),
    );
    // Who knows the password is told that only the nonce was bad.
    return use === "stale" ? this.#challenge(true) : this.#accept(user, use === "first", peer);
  }

  /** What is wrong with the form of a Digest; such a request proves nothing either way. */
  #problem(params: ReadonlyMap<string, string>, target: string): string | undefined {
    for (const name of ["realm", "nonce", "uri", "response"]) {
      if (!params.has(name)) return `${name} is missing`;
    }
    if (params.get("uri") !== target) return "uri is not the request target";
    if (params.get("opaque") !== this.#opaque) return "opaque is not that of the challenge";
    const algorithm = params.get("algorithm")?.toLowerCase();
    if (algorithm !== this.#algorithm.toLowerCase()) {
      // MD5 is what a challenge without algorithm means, and need not be named.
      const unnamed = algorithm === undefined && this.#algorithm === "MD5";
      if (!unnamed) return `algorithm is not ${this.#algorithm}`;
    }
    const { httpQop } = this.#state.options;
    const qop = params.get("qop");
    if (httpQop === "none") {
      if (qop !== undefined) return "qop was not offered";
      return this.#sess && !params.has("cnonce") ? "cnonce is missing" : undefined;
    }
    if (qop === undefined || !httpQop.split(",").includes(qop)) return "qop was not offered";
    if (!/^[0-9a-f]{8}$/i.test(params.get("nc") ?? "")) return "nc is not 8 hexadecimal digits";
    return params.get("cnonce") ? undefined : "cnonce is missing";
  }

  /** The refusal of a locked account or a wrong password. */
  #judge(
    user: string,
    right: (account: Account) => boolean,
    peer: Peer,
  ): Verdict | undefined {
    const { accounts, counters, options } = this.#state;
    if (accounts.lock(user) !== undefined) {
      counters.refusedLogin("cgi");
      // No number of attempts and no duration: CGI has no place for them.
      return options.cgiLockedStatus === 403
        ? { refusal: text(403, "Account is locked") }
        : this.#challenge();
    }
    const account = accounts.find(user);
    if (account !== undefined && right(account)) return undefined;
    accounts.strike(user);
    this.#state.loginFailed(user, peer.address);
    counters.refusedLogin("cgi");
    return this.#challenge();
  }

  #accept(user: string, fresh: boolean, peer: Peer): Verdict {
    const { accounts, counters } = this.#state;
    accounts.forgive(user);
    this.#known.add(peer);
    if (fresh) counters.login("cgi");
    return { account: accounts.find(user)! };
  }

  #challenge(stale = false): Verdict {
    const { realm } = this.#state;
    const httpAuth = this.#scheme;
    const headers: [string, string][] = [];
    if (httpAuth.includes("digest")) headers.push(["WWW-Authenticate", this.#digestOffer(stale)]);
    if (httpAuth.includes("basic")) headers.push(["WWW-Authenticate", `Basic realm="${realm}"`]);
    return { refusal: { ...text(401, "Invalid Authority!"), headers } };
  }

  #digestOffer(stale: boolean): string {
    const { realm, options: { httpQop } } = this.#state;
    const parts = [`realm="${realm}"`];
    if (httpQop !== "none") parts.push(`qop="${httpQop}"`);
    parts.push(`nonce="${this.#nonces.issue()}"`, `opaque="${this.#opaque}"`);
    // Cameras with MD5 do not name it.
    if (this.#algorithm !== "MD5") parts.push(`algorithm=${this.#algorithm}`);
    if (stale) parts.push("stale=true");
    return `Digest ${parts.join(", ")}`;
  }

  get #scheme(): HttpAuth {
    const { faults, options } = this.#state;
    return faults.peek("basic-only") === undefined ? options.httpAuth : "basic";
  }

  get #algorithm(): string {
    return `${this.#hash === "md5" ? "MD5" : "SHA-256"}${this.#sess ? "-sess" : ""}`;
  }
}

/** The answer to who may come in and finds no place: a 401 that asks for nothing. */
export function noPlace(): HttpAnswer {
  return text(401, "No free session");
}

function malformed(reason: string): Verdict {
  return { refusal: text(400, `Bad Request! ${reason}`) };
}

function text(status: number, line: string): HttpAnswer {
  return { status, type: TEXT, body: `Error\r\n${line}\r\n` };
}
