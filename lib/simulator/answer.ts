/**
 * What a service says to a call, and the error numbers a device uses to refuse.
 *
 * @module
 */

import type { SessionKey } from "./sessions.ts";

/** Error numbers with the text that firmwares send along, as collected in the protocol reference. */
export const DEVICE_ERRORS = {
  /** Old firmware: no such user. */
  userNotValid: { code: 268632070, message: "User not valid!" },
  /** Old firmware: wrong password. */
  passwordNotValid: { code: 268632071, message: "Password not valid!" },
  /** No free session for this account. */
  inUse: { code: 268632074, message: "User has been used!" },
  /** Not an error: the first stage of every login. */
  challenge: { code: 268632079, message: "Component error: login challenge!" },
  /** OEM firmware (SD-2N-4G): unknown user or wrong password. */
  oemRefused: { code: 268632080, message: "User or password error!" },
  /** The account is locked. */
  locked: { code: 268632081, message: "Component error: user has been locked!" },
  /** Modern firmware: unknown user or wrong password. */
  refused: { code: 268632085, message: "Component error: User or password not valid!" },
  /** The device has no administrator password yet. */
  notInitialised: { code: 268632086, message: "Component error: device not initialised!" },
  /** The request is no JSON object with a method. */
  parse: { code: 268894208, message: "Request parse error!" },
  /** The service needs an object, or the object is stale. */
  object: { code: 268894209, message: "Invalid request!" },
  /** No such method. */
  method: { code: 268894210, message: "Method not found!" },
  /** No such method, in the words of the SD-2N-4G. */
  methodNotAllowed: { code: 405, message: "Method not allowed" },
  /** No memory card, in the words of the SD-2N-4G. */
  noStorage: { code: 500, message: "Internal Server Error" },
  /** Wrong parameters. */
  params: { code: 268894211, message: "Invalid request param!" },
  /** A defect of the device. */
  internal: { code: 268894212, message: "Server internal error!" },
  /** The generic decline. */
  unknown: { code: 268959743, message: "Unknown error! error code was not set in service!" },
  /** The user may not do this. */
  authority: { code: 285278249, message: "Authority:check failure." },
  /** No such account. */
  noAccount: { code: 285409284, message: "User is not existed!" },
  /** The account exists already. */
  accountExists: { code: 285409285, message: "User is existed!" },
  /** No such group. */
  noGroup: { code: 285409296, message: "Group is not existed!" },
  /** The session is unknown, ended or expired. */
  session: { code: 287637505, message: "Invalid session in request data!" },
} as const;

/** Name of a row of {@linkcode DEVICE_ERRORS}. */
export type DeviceErrorName = keyof typeof DEVICE_ERRORS;

/** The error part of an answer. */
export interface DeviceError {
  /** Number as on the wire. */
  readonly code: number;
  /** Text as on the wire. */
  readonly message: string;
}

/** What a service says to a call. */
export interface Answer {
  /** `true` or `false`, an object id, or (old firmware) the value itself. */
  readonly result: unknown;
  /** Left out of the reply when undefined. */
  readonly params?: unknown;
  /** Present on a refusal. */
  readonly error?: DeviceError;
  /** Binary part of the reply. */
  readonly binary?: Uint8Array;
  /** Session of the reply, when it is not the session of the request (login). */
  readonly session?: SessionKey;
  /** Runs when the reply has been written: a reboot kills the connection only then. */
  readonly afterwards?: () => void;
}

const DONE: Answer = { result: true };

/** A yes, with or without values. */
export function ok(params?: unknown): Answer {
  return params === undefined ? DONE : { result: true, params };
}

/** A no with its reason. */
export function refuse(name: DeviceErrorName, params?: unknown): Answer {
  const error = DEVICE_ERRORS[name];
  return params === undefined ? { result: false, error } : { result: false, error, params };
}

/** The JSON of a reply, with the newline that real devices put behind it. */
export function replyText(answer: Answer, id: number | string, session: SessionKey): string {
  const { result, params, error } = answer;
  if (result === true && error === undefined && typeof id === "number") {
    // Nearly every reply: writing only its values as JSON saves half the time.
    const values = params === undefined ? "" : `"params":${JSON.stringify(params)},`;
    return `{"id":${id},${values}"result":true,"session":${JSON.stringify(session)}}\n`;
  }
  return `${JSON.stringify({ error, id, params, result, session })}\n`;
}
