/**
 * Calls that change accounts. Firmwares differ in the shape of the parameters, and new ones may
 * take them only encrypted.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { JsonObject } from "../dhip/frame.ts";
import type { Requester } from "../dhip/rpc.ts";
import { AuthError, DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { list, object, text } from "./_fields.ts";

/** Options of {@linkcode AccountCalls.changePassword}. */
export interface ChangeOptions extends CallOptions {
  /** The old password opened the session: whatever the device says of it, it is right. */
  readonly proven: boolean;
}

/** "Declined, no reason set": also said to parameters of another firmware. */
const DECLINED = 268959743;

/** Sends changes of accounts. */
export class AccountCalls {
  readonly #rpc: Requester;

  /** Sends over the given link. */
  constructor(rpc: Requester) {
    this.#rpc = rpc;
  }

  /**
   * Sends a change, in the first of some shapes that the device understands.
   *
   * @throws {DhipError} the refusal; `DHIP_NOT_SUPPORTED` when the device wants it encrypted
   */
  async send(
    method: string,
    shapes: readonly JsonObject[],
    options: CallOptions = {},
    isOfShape: (error: DhipError) => boolean = isAboutTheShape,
  ): Promise<void> {
    let refusal: unknown;
    for (const params of shapes) {
      try {
        const reply = await this.#rpc.request(method, params, options);
        if (unwrap(reply.envelope, method, this.#rpc.host) !== false) return;
        throw new DhipError("DHIP_DEVICE_REFUSED", `${method} was refused without a reason`, {
          host: this.#rpc.host,
          method,
        });
      } catch (error) {
        refusal = error;
        if (!(error instanceof DhipError) || !isOfShape(error)) break;
      }
    }
    if (refusal instanceof DhipError && isAboutTheShape(refusal)) {
      await this.#refuseEncrypted(refusal, options);
    }
    throw refusal;
  }

  /**
   * Changes a password: in the shape of the web pages, else in python-dhip's.
   *
   * @throws {AuthError} `DHIP_AUTH_REFUSED` when the old password is not right
   * @throws {DhipError} as {@linkcode AccountCalls.send}
   */
  async changePassword(
    name: string,
    oldPassword: string,
    newPassword: string,
    { proven, ...options }: ChangeOptions,
  ): Promise<void> {
    const shapes = [
      { name, pwd: newPassword, pwdOld: oldPassword },
      { name, oldPassword, password: newPassword },
    ];
    // A device that looks for the old password under another name finds a wrong one, and some
    // refuse a wrong one without a reason. Trying again costs an attempt, so what may be about the
    // password is only tried again with one that is known to be right.
    const isOfShape = (error: DhipError) =>
      isNotUnderstood(error) ||
      (proven && (isAboutTheShape(error) || error.code === "DHIP_AUTH_REFUSED"));
    try {
      await this.send("userManager.modifyPassword", shapes, options, isOfShape);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      const { host, method, deviceCode, attemptsLeft, lockSeconds } = error;
      throw new AuthError(error.code, `The device did not take the old password of ${name}`, {
        host,
        method,
        deviceCode,
        attemptsLeft,
        lockSeconds,
        hint:
          "Nothing was changed. Check the old password; a few more wrong ones lock the account.",
        cause: error,
      });
    }
  }

  /** A device that offers encryption and does not understand plain changes wants them encrypted. */
  async #refuseEncrypted(cause: DhipError, options: CallOptions): Promise<void> {
    const reply = await this.#rpc.request("Security.getEncryptInfo", null, options)
      .catch(() => undefined);
    if (reply === undefined || reply.envelope.result !== true) return;
    const info = object(reply.envelope.params);
    if (text(info.pub) === null && list(info.cipher).length === 0) return;
    throw new DhipError(
      "DHIP_NOT_SUPPORTED",
      "The device takes changes of accounts only encrypted, which dhip does not speak",
      {
        host: this.#rpc.host,
        method: cause.method,
        deviceCode: cause.deviceCode,
        hint: "Change the account on the device's own web page or with the vendor's tool.",
        cause,
      },
    );
  }
}

/** Refusals that another shape of the same change may not meet. */
function isAboutTheShape(error: DhipError): boolean {
  const { code, deviceCode } = error;
  return isNotUnderstood(error) ||
    (code === "DHIP_DEVICE_REFUSED" && (deviceCode === undefined || deviceCode === DECLINED));
}

/** Refusals that say that the parameters were not even looked at. */
function isNotUnderstood({ code }: DhipError): boolean {
  return code === "DHIP_BAD_PARAMS" || code === "DHIP_METHOD_NOT_FOUND";
}
