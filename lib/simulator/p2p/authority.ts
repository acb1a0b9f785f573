/**
 * Whether a request through the cloud comes from somebody who knows a password of the device.
 *
 * @module
 */

import type { Accounts } from "../accounts.ts";
import type { FaultBoard } from "../fault_board.ts";
import {
  deviceKey,
  deviceProof,
  invertAddress,
  openAddress,
  sealAddress,
} from "./device_secret.ts";
import type { ResolvedP2pOptions } from "./options.ts";
import type { TextAnswer } from "./text_message.ts";

/** Nonces that are remembered. */
const MOST_NONCES = 1000;
const POLICY = "p2p,udprelay";

/** A request that may go on. */
export interface Granted {
  /** The addresses that the client has named, `ip[,ip]:port`; empty when none. */
  readonly addresses: string;
  /** Encrypts an address for this client; undefined without authentication. */
  readonly seal: ((nonce: string, address: string) => string) | undefined;
}

/** Decides about requests to one device. */
export class Authority {
  /** Requests that were refused. */
  refused = 0;
  readonly #accounts: Accounts;
  readonly #faults: FaultBoard;
  readonly #options: ResolvedP2pOptions;
  readonly #salt: string;
  /** Proof that each nonce was used for. */
  readonly #nonces = new Map<string, string>();

  /** `salt` is the device's own, for ever. */
  constructor(
    accounts: Accounts,
    faults: FaultBoard,
    options: ResolvedP2pOptions,
    salt: string,
  ) {
    this.#accounts = accounts;
    this.#faults = faults;
    this.#options = options;
    this.#salt = salt;
  }

  /** Reads who asks, and for what addresses; a refusal when that is not good. */
  judge(fields: ReadonlyMap<string, string>): Granted | TextAnswer {
    const local = fields.get("LocalAddr") ?? "";
    if (this.#faults.strike("wrong-salt")) return this.#refuse(4, "DevPwd_InvalidSalt");
    if (this.#faults.strike("nonce-refused")) return this.#refuse(6, "DevPwd_InvalidNonce");
    const proof = fields.get("DevAuth");
    if (proof === undefined || !this.#options.info) {
      const needed = this.#options.auth === "device" && this.#options.info;
      if (needed) return this.#refuse(4, "DevPwd_InvalidSalt");
      const inverted = fields.get("IpEncrpt") === "true";
      return { addresses: inverted ? invertAddress(local) : local, seal: undefined };
    }
    const [nonce, date, salt, name] = ["Nonce", "CreateDate", "RandSalt", "UserName"]
      .map((field) => fields.get(field) ?? "") as [string, string, string, string];
    if (salt !== this.#salt) return this.#refuse(4, "DevPwd_InvalidSalt");
    const account = this.#accounts.find(name);
    const key = account === undefined ? "" : deviceKey(name, salt, account.password);
    if (account === undefined || proof !== deviceProof(key, nonce, date, local)) {
      return this.#refuse(5, "DevPwd_InvalidDigest");
    }
    const used = this.#nonces.get(nonce);
    // What comes again as it was is a repetition; a proof of something else is not.
    if (used !== undefined && used !== proof) return this.#refuse(6, "DevPwd_InvalidNonce");
    this.#nonces.set(nonce, proof);
    if (this.#nonces.size > MOST_NONCES) {
      this.#nonces.delete(this.#nonces.keys().next().value!);
    }
    const addresses = local === "" ? "" : openAddress(key, nonce, local) ?? "";
    return { addresses, seal: (own, address) => sealAddress(key, own, address) };
  }

  #refuse(code: number, reason: string): TextAnswer {
    this.refused++;
    return {
      code: 403,
      fields: { ErrCode: String(code), Error: reason, Policy: POLICY },
    };
  }
}
