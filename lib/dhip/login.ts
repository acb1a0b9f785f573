/**
 * The two stages of a login, as pure functions: which answer a challenge wants.
 *
 * Formulas as observed by python-dhip, DahuaConsole and dahua-rpc. There is no bypass here: a
 * login without the right password is a refused login.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { AuthError, DhipError } from "../errors.ts";
import { LOGIN_CHALLENGE, LOGIN_CHALLENGE_OLD } from "./device_errors.ts";
import { deviceError, refusalOf, type SessionId } from "./envelope.ts";
import type { JsonObject } from "./frame.ts";

/** User and password of an account on a device. */
export interface Credentials {
  /** User name; any text. */
  readonly user: string;
  /** Password; any text, the empty one too. Sent as UTF-8. */
  readonly password: string;
}

/** What stage 1 brought. */
export type LoginStep =
  | {
    /** The device wants stage 2. */
    readonly kind: "challenge";
    /** Realm, the whole text, for example `Login to 4f1c2e9a`. */
    readonly realm: string;
    /** Random text of this challenge. */
    readonly random: string;
    /** Login kind the device asks for, for example `Default`. */
    readonly encryption: string;
    /** Session of stage 1: goes into stage 2 and is void afterwards. */
    readonly session: SessionId;
  }
  | {
    /** The device let the user in without stage 2. */
    readonly kind: "already_authenticated";
    /** The session. */
    readonly session: SessionId;
  }
  | {
    /** The device refused before any password was sent. */
    readonly kind: "refused";
    /** Why. */
    readonly error: DhipError;
  };

/** How a login may be made. */
export interface LoginOptions {
  /** Allows login kinds that send the password in clear text (`Plain`, `WatchNet`). Default false. */
  readonly allowCleartext?: boolean | undefined;
}

const CLIENT_TYPE = "Web3.0";

/** Parameters of stage 1: they carry no password. */
export function loginFirstStage(user: string): JsonObject {
  return { userName: user, password: "", clientType: CLIENT_TYPE, loginType: "Direct" };
}

/** Reads the reply to stage 1. */
export function readChallenge(reply: JsonObject, host?: string): LoginStep {
  const { result, session } = reply;
  const params = (reply.params ?? {}) as JsonObject;
  const { realm, random } = params;
  const id = typeof session === "number" || typeof session === "string" ? session : 0;
  if (result === true && typeof realm !== "string") {
    return { kind: "already_authenticated", session: id };
  }
  const refusal = refusalOf(reply) ?? { deviceCode: undefined, text: "" };
  const isChallenge = refusal.deviceCode === undefined ||
    refusal.deviceCode === LOGIN_CHALLENGE || refusal.deviceCode === LOGIN_CHALLENGE_OLD;
  if (isChallenge && typeof realm === "string") {
    return {
      kind: "challenge",
      realm,
      random: typeof random === "number"
        ? String(random)
        : typeof random === "string"
        ? random
        : "",
      encryption: typeof params.encryption === "string" ? params.encryption : "Default",
      session: id,
    };
  }
  if (isChallenge && refusal.deviceCode !== undefined) {
    const error = new DhipError("DHIP_BAD_REPLY", "The login challenge has no realm", { host });
    return { kind: "refused", error };
  }
  return {
    kind: "refused",
    error: deviceError(refusal, { host, method: "global.login", params: reply.params }),
  };
}

/**
 * Parameters of stage 2.
 *
 * | asked for   | password sent                          | readable on the way |
 * | ----------- | -------------------------------------- | ------------------- |
 * | `Default`   | salted MD5 over user, realm and random | no                  |
 * | `OldDigest` | unsalted 8-character digest            | can be replayed     |
 * | `Basic`     | base64 of user and password            | yes                 |
 * | `WatchNet`  | the password itself, only if allowed   | yes                 |
 * | `Plain`     | the password itself, only if allowed   | yes                 |
 *
 * `authorityType` repeats what the device asked for, as its own web page does.
 *
 * @throws {AuthError} `DHIP_AUTH_UNSUPPORTED`, `DHIP_AUTH_CLEARTEXT`
 */
export function answerChallenge(
  challenge: Extract<LoginStep, { kind: "challenge" }>,
  credentials: Credentials,
  options: LoginOptions = {},
): JsonObject {
  const { realm, random, encryption } = challenge;
  const { user, password } = credentials;
  const answer: JsonObject = {
    userName: user,
    clientType: CLIENT_TYPE,
    loginType: "Direct",
    authorityType: encryption,
    passwordType: encryption,
  };
  switch (encryption) {
    case "Default":
      return { ...answer, password: saltedDigest(user, password, realm, random), realm, random };
    case "OldDigest":
      return { ...answer, password: oldDigest(password) };
    case "Basic":
      delete answer.passwordType;
      return { ...answer, password: base64(`${user}:${password}`) };
    case "Plain":
    case "WatchNet":
      if (options.allowCleartext !== true) throw cleartextRefused(encryption);
      if (encryption === "WatchNet") answer.loginType = "WatchNet";
      return { ...answer, password };
    default:
      throw new AuthError(
        "DHIP_AUTH_UNSUPPORTED",
        `The device asks for the login kind ${JSON.stringify(encryption.slice(0, 40))}`,
        { hint: "dhip knows Default, OldDigest, Basic, WatchNet and Plain; try the HTTP port." },
      );
  }
}

/** True for login kinds whose answer lets everybody on the way read the password. */
export function isReadableOnTheWay(encryption: string): boolean {
  return encryption === "Basic" || encryption === "Plain" || encryption === "WatchNet";
}

/** `MD5(user:random:MD5(user:realm:password))`, both in upper-case hex. */
export function saltedDigest(
  user: string,
  password: string,
  realm: string,
  random: string,
): string {
  return md5(`${user}:${random}:${md5(`${user}:${realm}:${password}`)}`);
}

const OLD_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** First-generation digest: eight characters, each from two bytes of the password's MD5. */
export function oldDigest(password: string): string {
  const bytes = createHash("md5").update(password, "utf8").digest();
  let text = "";
  for (let i = 0; i < 16; i += 2) text += OLD_ALPHABET[(bytes[i]! + bytes[i + 1]!) % 62];
  return text;
}

function md5(text: string): string {
  return createHash("md5").update(text, "utf8").digest("hex").toUpperCase();
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function cleartextRefused(encryption: string): AuthError {
  return new AuthError(
    "DHIP_AUTH_CLEARTEXT",
    `The device asks for the password in clear text (${encryption}); it was not sent`,
    { hint: "On a network you trust, allow it with --allow-cleartext-login." },
  );
}
