/**
 * global.login from the device's side: challenge, verification, locks.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { type Answer, DEVICE_ERRORS, refuse } from "./answer.ts";
import { type Challenge, provesPassword } from "./credentials.ts";
import type { SessionKey, SessionService } from "./sessions.ts";
import type { DeviceState } from "./state.ts";

/** Where logins come in, and what sessions look like there. */
export interface LoginPlace {
  /** The transport. */
  readonly service: SessionService;
  /** Form of the session keys. */
  readonly keys: "number" | "hex";
  /** Challenges that may wait for their answers; one more drops the oldest. */
  readonly pending: number;
}

/** A login desk: it remembers the challenges that wait for their answers. */
export class LoginDesk {
  readonly #state: DeviceState;
  readonly #place: LoginPlace;
  readonly #challenges = new Map<SessionKey, Challenge>();

  /** A DHIP connection has a desk of its own, the web server one for all its connections. */
  constructor(state: DeviceState, place: LoginPlace) {
    this.#state = state;
    this.#place = place;
  }

  /**
   * Serves global.login. `session` is the key in the request, 0 for none; `address` is where the
   * client is.
   */
  login(params: unknown, session: SessionKey, address: string): Answer {
    const { counters } = this.#state;
    const { service } = this.#place;
    counters.call("global.login", service);
    const answer = this.#judge(params, session, address);
    if (answer.error === undefined) counters.login(service);
    else if (answer.error !== DEVICE_ERRORS.challenge) counters.refusedLogin(service);
    return answer;
  }

  #judge(params: unknown, session: SessionKey, address: string): Answer {
    if (typeof params !== "object" || params === null || Array.isArray(params)) {
      return refuse("params");
    }
    const fields = params as JsonObject;
    const { userName, password } = fields;
    if (typeof userName !== "string" || userName === "") return refuse("params");
    if (password !== undefined && typeof password !== "string") return refuse("params");
    if (!this.#state.initialised) return refuse("notInitialised");
    const locked = this.#lockAnswer(userName);
    if (locked !== undefined) return locked;
    if (session !== 0) return this.#secondStage(userName, fields, session, address);
    // An answer without the session of its challenge belongs to no challenge.
    if (password !== undefined && password !== "") return refuse("session");
    return this.#firstStage(userName);
  }

  #firstStage(user: string): Answer {
    const state = this.#state;
    const { encryption, legacyErrors } = state.options;
    if (legacyErrors === true && state.accounts.find(user) === undefined) {
      return refuse("userNotValid"); // old firmware tells who exists
    }
    const session = state.sessions.freeKey(this.#place.keys);
    const random = String(state.random.integer(1, 0x7fff_ffff));
    const { realm } = state;
    if (this.#challenges.size >= this.#place.pending) {
      for (const oldest of this.#challenges.keys()) {
        this.#challenges.delete(oldest);
        break;
      }
    }
    this.#challenges.set(session, { user, realm, random, encryption });
    const mac = state.mac.replaceAll(":", "");
    return { ...refuse("challenge", { encryption, mac, random, realm }), session };
  }

  #secondStage(user: string, fields: JsonObject, session: SessionKey, address: string): Answer {
    const state = this.#state;
    const challenge = this.#challenges.get(session);
    if (challenge === undefined) return refuse("session");
    this.#challenges.delete(session); // one answer for one challenge
    const account = challenge.user === user ? state.accounts.find(user) : undefined;
    if (account === undefined || !provesPassword(challenge, account.password, fields)) {
      state.loginFailed(user, address);
      return this.#refused(user);
    }
    if (state.faults.strike("session-table-full") || state.sessions.full) {
      return refuse("inUse", { error: "HasBeedUsed" }); // the spelling is the firmware's
    }
    if (!account.sharable && state.sessions.list().some((each) => each.account === account)) {
      return refuse("inUse", { error: "HasBeedUsed" });
    }
    state.accounts.forgive(user);
    const { service, keys } = this.#place;
    const key = state.options.renewSession ? state.sessions.freeKey(keys) : session;
    state.sessions.open(key, {
      service,
      account,
      address,
      clientType: typeof fields.clientType === "string" ? fields.clientType.slice(0, 64) : "",
      loginTime: state.calendar.text(),
    });
    const detail = { Address: address, ClientType: fields.clientType };
    state.log.add({ time: state.calendar.now(), type: "Account.LogIn", user, detail });
    const { keepAliveInterval } = state.options;
    return { result: true, params: { keepAliveInterval }, session: key };
  }

  #refused(user: string): Answer {
    const { accounts, calendar, log, options } = this.#state;
    log.add({ time: calendar.now(), type: "Account.LogInFailed", user });
    const left = accounts.strike(user);
    if (options.legacyErrors === "oem") return refuse("oemRefused");
    if (options.legacyErrors) return refuse("passwordNotValid");
    return refuse("refused", left);
  }

  /** A locked account refuses at either stage, whatever the password. */
  #lockAnswer(user: string): Answer | undefined {
    const lock = this.#state.accounts.lock(user);
    if (lock === undefined) return undefined;
    return this.#state.options.legacyErrors ? refuse("locked") : refuse("locked", lock);
  }
}
