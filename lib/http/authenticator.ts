/**
 * Answers challenges, and keeps a wrong password from being tried twice.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { type LoginGuard, processLoginGuard } from "../net/login_guard.ts";
import { basicRefused, noPlace, refused, unsupported } from "./_auth_errors.ts";
import { Semaphore } from "./_semaphore.ts";
import {
  type BasicChallenge,
  chooseChallenge,
  type DigestChallenge,
  parseChallenges,
} from "./challenge.ts";
import { basicAuthorization, digestAuthorization, nextNonce } from "./digest.ts";

/** User, password and how they may be used. */
export interface AuthenticatorOptions {
  /** User name; any text. */
  readonly user: string;
  /** Password; any text, the empty one too. */
  readonly password: string;
  /**
   * Whether Basic is answered, which lets everybody on the way read the password unless TLS is
   * in between. Default: where the server offers nothing better, with a notice; but not where it
   * offered Digest before.
   */
  readonly allowBasic?: boolean | undefined;
  /** Admits attempts; by default one guard for the whole process. */
  readonly guard?: LoginGuard | undefined;
  /** Name of the device in lockout records; `host:port` by default. */
  readonly device?: string | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Makes the client's nonce. Default: 16 random bytes in hex. */
  readonly cnonce?: (() => string) | undefined;
}

/** Where a request goes. Challenges are kept for each origin. */
export interface Origin {
  /** `host:port`, for errors. */
  readonly host: string;
  /** True over TLS. */
  readonly secure: boolean;
}

/** The parts of a request that an answer is computed from. */
export interface AuthRequest {
  /** Method. */
  readonly method: string;
  /** Exact request target. */
  readonly uri: string;
  /** Body, for auth-int. */
  readonly body?: Uint8Array | undefined;
  /** Where it goes. */
  readonly origin: Origin;
  /** Aborts the wait for other attempts. */
  readonly signal?: AbortSignal | undefined;
}

/** The parts of an answer that matter here: of HTTP, or of RTSP. */
export interface AuthReply {
  /** Status. */
  readonly status: number;
  /** Headers; values are byte strings. */
  readonly headers: { get(name: string): string | null };
  /** Lets go of the answer's body. */
  discard(): Promise<void>;
  /** The body as text, where there is one. */
  text?(options: { readonly maxBody: number }): Promise<string>;
}

/** A challenge in use. */
interface Space {
  readonly challenge: DigestChallenge | BasicChallenge;
  /** One for the life of the nonce, so that -sess hashes stay valid. */
  readonly cnonce: string;
  count: number;
}

/** Sends the request with this Authorization header, or without one. */
export type Send<T> = (authorization: string | undefined) => Promise<T>;

/**
 * Requests that may wait at once for the device's verdict on a password that once was right. Each
 * is a refused login when the password was changed meanwhile, and one with a fresh nonce follows.
 */
const MOST_AT_STAKE = 1;

/**
 * One account on one device. Requests go through {@linkcode Authenticator.exchange}, which sends
 * them as often as needed: with the known challenge, again when only the nonce was too old, and
 * with the password at stake exactly once, after the guard let it.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #guard: LoginGuard;
  readonly #spaces = new Map<string, Space>();
  readonly #digestSeen = new Set<string>();
  readonly #atStake = new Semaphore(MOST_AT_STAKE);
  readonly #attempts = new Semaphore(1);

  /** Makes an authenticator that knows no challenge yet. */
  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#guard = options.guard ?? processLoginGuard;
  }

  /**
   * Sends a request, with whatever authorization it needs. `send` is called one to four times.
   *
   * @throws {AuthError} `DHIP_AUTH_REFUSED`, `DHIP_AUTH_GUARDED`, `DHIP_AUTH_UNSUPPORTED`,
   *   `DHIP_AUTH_CLEARTEXT`, `DHIP_AUTH_BUSY`
   */
  async exchange<T extends AuthReply>(request: AuthRequest, send: Send<T>): Promise<T> {
    const key = keyOf(request.origin);
    const reply = this.#spaces.has(key)
      ? await this.#sendKnown(key, request, send)
      : await send(undefined);
    if (reply.status !== 401) {
      this.#takeNextNonce(key, reply);
      return reply;
    }
    const isFull = await saysNoPlace(reply);
    await reply.discard();
    if (isFull) throw noPlace(request.origin.host);
    const challenge = this.#choose(request, reply);
    // One after another: the first refusal holds the others back.
    const leave = await this.#attempts.enter(request.signal, "wait for another login");
    try {
      return await this.#attempt(key, challenge, request, send);
    } finally {
      leave();
    }
  }

  /** Forgets all challenges, so that the next request starts anew. */
  reset(): void {
    this.#spaces.clear();
  }

  /**
   * Sends with the known challenge, one request after another up to the heads of their answers:
   * should the password have been changed on the device meanwhile, it sees two refused logins.
   */
  async #sendKnown<T extends AuthReply>(
    key: string,
    request: AuthRequest,
    send: Send<T>,
  ): Promise<T> {
    const leave = await this.#atStake.enter(request.signal, "wait for another request");
    try {
      const known = this.#spaces.get(key); // maybe no longer
      if (known === undefined) return await send(undefined);
      let reply = await send(this.#answer(known, request));
      // Some devices tell a forgotten nonce by 403 (observed by DahuaBridge): ask for a new one.
      if (reply.status === 403) {
        await reply.discard();
        this.#forget(key, known);
        reply = await send(undefined);
      } else if (reply.status === 401) {
        this.#forget(key, known);
        const challenge = staleChallenge(reply);
        if (challenge !== undefined) {
          await reply.discard();
          const space = this.#spaceFor(challenge);
          reply = await send(this.#answer(space, request));
          if (reply.status !== 401) this.#spaces.set(key, space);
        }
      }
      return reply;
    } finally {
      leave();
    }
  }

  /** The one request that decides whether the password is right. */
  async #attempt<T extends AuthReply>(
    key: string,
    first: DigestChallenge | BasicChallenge,
    request: AuthRequest,
    send: Send<T>,
  ): Promise<T> {
    const { user, password } = this.#options;
    const { host } = request.origin;
    const identity = { host: this.#options.device ?? host, user, password };
    const attempt = await this.#guard.enter(identity, request.signal);
    let decided = false;
    const decide = (verdict: () => Promise<void>) => {
      decided = true;
      return verdict();
    };
    try {
      let space = this.#spaceFor(first);
      let reply = await send(this.#answer(space, request));
      const challenge = reply.status === 401 ? staleChallenge(reply) : undefined;
      if (challenge !== undefined) { // the nonce did not live until now; the password was right
        await reply.discard();
        space = this.#spaceFor(challenge);
        reply = await send(this.#answer(space, request));
      }
      if (reply.status === 401) {
        const isFull = await saysNoPlace(reply);
        await reply.discard();
        if (isFull) throw noPlace(host); // says nothing about the password
        await decide(() => attempt.refused());
        throw refused(host);
      }
      if (saysPasswordIsRight(reply.status)) {
        await decide(() => attempt.accepted());
        this.#spaces.set(key, space); // only now: others would try the same password with it
        this.#takeNextNonce(key, reply);
      }
      return reply;
    } finally {
      if (!decided) await attempt.undecided();
    }
  }

  #choose(request: AuthRequest, reply: AuthReply): DigestChallenge | BasicChallenge {
    const { host, secure } = request.origin;
    const key = keyOf(request.origin);
    const offered = parseChallenges(reply.headers.get("www-authenticate") ?? "");
    const chosen = chooseChallenge(offered);
    if (chosen === undefined) throw unsupported(offered.map(({ scheme }) => scheme), host);
    if (chosen.scheme === "digest") {
      this.#digestSeen.add(key);
      return chosen;
    }
    // A sudden wish for Basic is how a man in the middle asks for the password.
    const allowed = this.#options.allowBasic ?? !this.#digestSeen.has(key);
    if (!allowed) throw basicRefused(host);
    if (this.#options.user.includes(":")) throw unsupported(["basic"], host);
    if (!secure) {
      this.#options.onNotice?.(
        `${host} asks for Basic authentication without TLS: ` +
          "anybody on the way can read the password",
      );
    }
    return chosen;
  }

  #answer(space: Space, request: AuthRequest): string {
    const { user, password } = this.#options;
    if (space.challenge.scheme === "basic") return basicAuthorization(user, password);
    return digestAuthorization({
      challenge: space.challenge,
      user,
      password,
      method: request.method,
      uri: request.uri,
      body: request.body,
      nonceCount: ++space.count,
      cnonce: space.cnonce,
    });
  }

  #spaceFor(challenge: DigestChallenge | BasicChallenge): Space {
    const cnonce = this.#options.cnonce?.() ?? randomBytes(16).toString("hex");
    return { challenge, cnonce, count: 0 };
  }

  /** Forgets a challenge unless another request has put a newer one in its place. */
  #forget(key: string, space: Space): void {
    if (this.#spaces.get(key) === space) this.#spaces.delete(key);
  }

  #takeNextNonce(key: string, reply: AuthReply): void {
    const nonce = nextNonce(reply.headers.get("authentication-info"));
    const challenge = this.#spaces.get(key)?.challenge;
    if (nonce === undefined || challenge?.scheme !== "digest") return;
    if (nonce !== challenge.nonce) this.#spaces.set(key, this.#spaceFor({ ...challenge, nonce }));
  }
}

function keyOf({ host, secure }: Origin): string {
  return `${secure ? "https" : "http"}://${host}`;
}

/** The new challenge of a refusal that was about the age of the nonce only. */
function staleChallenge(reply: AuthReply): DigestChallenge | undefined {
  const chosen = chooseChallenge(parseChallenges(reply.headers.get("www-authenticate") ?? ""));
  return chosen?.scheme === "digest" && chosen.stale ? chosen : undefined;
}

/** Longest answer that is searched for a reason, in bytes. */
const MAX_REASON = 4096;

/**
 * True for a 401 that asks for nothing and says that there is no place: all sessions are taken. Both
 * must be so, because what is not about the password is tried again. That devices answer like this
 * is (unverified).
 */
async function saysNoPlace(reply: AuthReply): Promise<boolean> {
  if (reply.headers.get("www-authenticate") !== null) return false;
  const text = await reply.text?.({ maxBody: MAX_REASON }).catch(() => "");
  return /\bno free\b|\btoo many\b|\bfull\b|\b(?:limit|maximum)\b|\bbusy\b/i.test(text ?? "");
}

/** 403 may be about the account, 407 is about a proxy, 5xx about nothing. */
function saysPasswordIsRight(status: number): boolean {
  return status < 500 && status !== 403 && status !== 407;
}
