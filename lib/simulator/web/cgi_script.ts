/**
 * What a CGI script of the device is made of.
 *
 * @module
 */

import type { DeviceState } from "../state.ts";
import type { Account } from "../accounts.ts";
import type { FileBody } from "./message.ts";
import type { LiveSource } from "./outlet.ts";

/** A request, its action taken away. */
export interface CgiCall {
  /** The device. */
  readonly state: DeviceState;
  /** Whose call it is. */
  readonly account: Account;
  /** The other fields of the query, decoded, in their order. */
  readonly fields: readonly (readonly [key: string, value: string])[];
}

/** What a script answers. */
export interface CgiAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Content-Type. Default that of text. */
  readonly type?: string;
  /** Text with CR LF after each line, or a picture. */
  readonly body: string | Uint8Array;
  /** Present on an answer without an end: what fills it; `body` is not sent. */
  readonly live?: LiveSource;
  /** Present on an answer that is made while it is sent; `body` is not sent. */
  readonly file?: FileBody;
  /** Runs when the answer has been written. */
  readonly afterwards?: () => void;
}

/** Serves one action. */
export type CgiHandler = (call: CgiCall) => CgiAnswer | Promise<CgiAnswer>;

/** A script: actions under one name. */
export interface CgiScript {
  /** Name before `.cgi`. */
  readonly name: string;
  /** Actions that only members of the group `admin` may use. */
  readonly adminOnly?: readonly string[];
  /** Handlers by action; that of a script without actions stands under an empty name. */
  readonly actions: Readonly<Record<string, CgiHandler>>;
}

/** The answer of an action that worked and has nothing to say. */
export const OK: CgiAnswer = { body: "OK\r\n" };

/** A line for each key. */
export function lines(pairs: Iterable<readonly [key: string, value: unknown]>): CgiAnswer {
  let body = "";
  for (const [key, value] of pairs) {
    body += `${key}=${String(value).replace(/[\r\n]+/g, " ")}\r\n`; // a line is a line
  }
  return { body };
}

/** A refusal. With status 200 only the text says that it is one. */
export function fault(status: number, reason: string): CgiAnswer {
  return { status, body: `Error\r\n${reason}\r\n` };
}

/** The value of a field. */
export function field(call: CgiCall, name: string): string | undefined {
  return call.fields.find(([key]) => key === name)?.[1];
}
