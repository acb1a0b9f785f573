/**
 * global.login from the device's side: challenge, verification, locks.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { type Answer, DEVICE_ERRORS, refuse } from "./answer.ts";
import { type Challenge, provesPassword } from "./credentials.ts";
import type { DeviceState } from "./state.ts";

/** The login desk of one connection: it remembers the challenge that waits for its answer. */
export class LoginDesk {
  readonly #state: DeviceState;
  readonly #address: string;
  #challenge: Challenge | undefined;

  /** `address` is where the connection comes from. */
  constructor(state: DeviceState, address: string) {
    this.#state = state;
    this.#address = address;
  }

  /** Serves global.login. `session` is the number in the request, 0 for none. */
  login(params: unknown, session: number): Answer {
    this.#state.counters.call("global.login");
    const answer = this.#judge(params, session);
    if (answer.error !== undefined && answer.error !== DEVICE_ERRORS.challenge) {
      this.#state.counters.refusedLogins++;
    }
    return answer;
  }

  #judge(params: unknown, session: number): Answer {
    if (typeof params !== "object" || params === null || Array.isArray(params)) {
      return refuse("params");
    }
    const fields = params as JsonObject;
    const { userName, password } = fields;
    if (typeof userName !== "string" || userName === "") return refuse("params");
    if (password !== undefined && typeof password !== "string") return refuse("params");
    if (!this.#state.options.initialised) return refuse("notInitialised");
    const locked = this.#lockAnswer(userName);
    if (locked !== undefined) return locked;
    if (session !== 0) return this.#secondStage(userName, fields, session);
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
    const challenge: Challenge = {
      session: state.sessions.freeNumber(),
      user,
      realm: state.realm,
      random: String(state.random.integer(1, 0x7fff_ffff)),
      encryption,
    };
    this.#challenge = challenge;
    const { realm, random } = challenge;
    return {
      ...refuse("challenge", { encryption, mac: state.mac.replaceAll(":", ""), random, realm }),
      session: challenge.session,
    };
  }

  #secondStage(user: string, fields: JsonObject, session: number): Answer {
    const state = this.#state;
    const challenge = this.#challenge;
    if (challenge === undefined || challenge.session !== session) return refuse("session");
    this.#challenge = undefined; // one answer for one challenge
    const account = challenge.user === user ? state.accounts.find(user) : undefined;
    if (account === undefined || !provesPassword(challenge, account.password, fields)) {
      return this.#refused(user);
    }
    if (state.faults.strike("session-table-full") || state.sessions.full) {
      return refuse("inUse", { error: "HasBeedUsed" }); // the spelling is the firmware's
    }
    state.accounts.forgive(user);
    state.counters.logins++;
    const number = state.options.renewSession ? state.sessions.freeNumber() : session;
    state.sessions.open(number, {
      account,
      address: this.#address,
      clientType: typeof fields.clientType === "string" ? fields.clientType.slice(0, 64) : "",
      loginTime: state.calendar.text(),
    });
    const { keepAliveInterval } = state.options;
    return { result: true, params: { keepAliveInterval }, session: number };
  }

  #refused(user: string): Answer {
    const { accounts, options } = this.#state;
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
