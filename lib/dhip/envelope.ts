/**
 * The JSON around every call: requests, replies, pushes, and the device's refusals.
 *
 * @module
 */

import { AuthError, DhipError } from "../errors.ts";
import { DEVICE_ERROR_TEXTS, DEVICE_ERRORS, formatDeviceCode, LOCKED } from "./device_errors.ts";
import type { JsonObject } from "./frame.ts";

/** A session as the device names it: a number over DHIP, text on newer HTTP firmwares. */
export type SessionId = number | string;

/** One request. */
export interface RpcRequest {
  /** Method, for example `magicBox.getSystemInfo`. */
  readonly method: string;
  /** Parameters; `null` when there are none, as the devices' own pages send. */
  readonly params?: unknown;
  /** Session, from the login on. */
  readonly session?: SessionId | undefined;
  /** Id of a service instance. Stands beside `params`, not inside. */
  readonly object?: number | undefined;
  /** Further top-level fields, for example the `seq` of PTZ orders. */
  readonly extra?: JsonObject | undefined;
}

/** The JSON object of a request; `id` is the number that the reply repeats. */
export function requestEnvelope(id: number, request: RpcRequest): JsonObject {
  const { method, params = null, session, object, extra } = request;
  const envelope: JsonObject = { method, id, params };
  if (session !== undefined) envelope.session = session;
  if (object !== undefined) envelope.object = object;
  return extra === undefined ? envelope : { ...envelope, ...extra };
}

/** True for a message that the device sends on its own, false for a reply. */
export function isPush(envelope: JsonObject): boolean {
  return envelope.callback !== undefined ||
    (typeof envelope.method === "string" && envelope.method.startsWith("client."));
}

/** What a device says when it refuses. */
export interface DeviceRefusal {
  /** Its numeric code, or undefined when it sent none. */
  readonly deviceCode: number | undefined;
  /** Its own text, without control characters and at most 200 characters. */
  readonly text: string;
}

/**
 * The refusal in a reply, or undefined when the reply is none. A plain `result: false` is a
 * boolean answer; `null`, `0`, `""`, `"false"` or no result at all were never seen as success.
 */
export function refusalOf(reply: JsonObject): DeviceRefusal | undefined {
  const { result, error } = reply;
  if (error === undefined || error === null) {
    const failed = result === undefined || result === null || result === 0 || result === "" ||
      result === "false";
    return failed ? { deviceCode: undefined, text: "" } : undefined;
  }
  if (result !== undefined && result !== null && result !== false && result !== 0) {
    // Some firmwares send `error: {}` or code 0 beside a success.
    if (codeOf(error) === 0 || codeOf(error) === undefined) return undefined;
  }
  const text = reasonText(reply, error);
  return { deviceCode: codeOf(error) ?? DEVICE_ERROR_TEXTS[text], text };
}

/**
 * The payload of a reply: `params` when there are any, else `result`.
 *
 * | reply                               | payload      |
 * | ----------------------------------- | ------------ |
 * | `result: true, params: {…}` or `[…]` | `params`     |
 * | `result: "2026-06-18 11:46:19"`     | that text    |
 * | `result: 12` (a new object)         | 12           |
 * | `result: true`                      | `true`       |
 * | `result: false` without `error`     | `false`      |
 *
 * @throws {DhipError} the device's refusal, translated by {@linkcode deviceError}
 */
export function unwrap(reply: JsonObject, method?: string, host?: string): unknown {
  const refusal = refusalOf(reply);
  if (refusal !== undefined) throw deviceError(refusal, { method, host, params: reply.params });
  const { result, params } = reply;
  if (result === false) return false;
  return params === undefined || params === null ? result : params;
}

/**
 * The object id in the reply of `SERVICE.factory.instance` or `.create`. It stands in `result`
 * (measured by DahuaBridge), even when there are `params` too.
 *
 * @throws {DhipError} the device's refusal, or `DHIP_BAD_REPLY` when there is no usable id
 */
export function objectIdOf(reply: JsonObject, method: string, host?: string): number {
  const payload = unwrap(reply, method, host);
  const id = reply.result;
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) return id;
  throw new DhipError(
    "DHIP_BAD_REPLY",
    `${method} returned no object id (${payload === false ? "refused" : typeof id})`,
    { method, host },
  );
}

/** What {@linkcode deviceError} adds to the error. */
export interface DeviceErrorContext {
  /** Method that was refused. */
  readonly method?: string | undefined;
  /** Host that refused. */
  readonly host?: string | undefined;
  /** `params` of the reply: a refused login may tell attempts left and lock time there. */
  readonly params?: unknown;
}

/** Turns a refusal into the error that is thrown. */
export function deviceError(refusal: DeviceRefusal, context: DeviceErrorContext = {}): DhipError {
  const { deviceCode, text } = refusal;
  const { method, host, params } = context;
  const info = deviceCode === undefined ? undefined : DEVICE_ERRORS[deviceCode];
  const code = info?.code ?? "DHIP_DEVICE_REFUSED";
  const meaning = info?.meaning ?? (text || "refused without a reason");
  const number = deviceCode === undefined ? "" : `, device code ${formatDeviceCode(deviceCode)}`;
  const options = { host, method, deviceCode, hint: info?.hint, retryable: info?.retryable };
  if (code.startsWith("DHIP_AUTH_")) {
    const attemptsLeft = countOf(params, "remainLoginTimes");
    const lockSeconds = countOf(params, "remainLockSecond");
    return new AuthError(code, `Login refused: ${meaning}${number}`, {
      ...options,
      hint: attemptsLeft === 0 ? LOCKED : info?.hint,
      attemptsLeft,
      lockSeconds,
    });
  }
  const what = method === undefined ? "The request" : method;
  return new DhipError(code, `${what} was refused: ${meaning}${number}`, options);
}

function codeOf(error: unknown): number | undefined {
  if (typeof error === "number") return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "number") return code;
  return typeof code === "string" && /^\d{1,10}$/.test(code) ? Number(code) : undefined;
}

/** The device's words. They are for people: control characters could steer their terminal. */
function reasonText(reply: JsonObject, error: unknown): string {
  const params = reply.params as { error?: unknown } | null | undefined;
  const candidates = [(error as { message?: unknown }).message, error, params?.error];
  const text = candidates.find((value) => typeof value === "string") as string | undefined;
  // deno-lint-ignore no-control-regex -- removing them is the purpose
  return (text ?? "").replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim().slice(0, 200);
}

function countOf(params: unknown, name: string): number | undefined {
  const value = Number((params as JsonObject | null | undefined)?.[name] ?? NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
