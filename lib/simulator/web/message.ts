/**
 * Requests and answers of the web server as values.
 *
 * @module
 */

import type { LiveSource } from "./outlet.ts";

/** A request as it was received. */
export interface HttpRequest {
  /** Method, as sent. */
  readonly method: string;
  /** Request target exactly as sent: Digest covers it. */
  readonly target: string;
  /** The target up to the question mark. */
  readonly path: string;
  /** What follows the question mark; empty when there is none. */
  readonly query: string;
  /** Fields by lower-case name; several of one name are joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole body. */
  readonly body: Uint8Array;
  /** True when the client wants to go on with the connection. */
  readonly keepAlive: boolean;
}

/** Where a request came from. One object for one connection. */
export interface Peer {
  /** Address of the client. */
  readonly address: string;
  /** True over TLS. */
  readonly secure: boolean;
}

/** Bytes of a file; pieces may use the same memory again. */
export interface FileBody {
  /** How many there are; undefined: the connection ends with the last. */
  readonly length: number | undefined;
  /** The bytes. */
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What the web server answers. */
export interface HttpAnswer {
  /** Status code. */
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  /** Body. */
  readonly body: string | Uint8Array;
  /** Further fields. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Call that is answered, for faults that strike replies; none for pages and redirects. */
  readonly call?: string;
  /** True: the connection ends with this answer. */
  readonly last?: boolean;
  /** Present on an answer without an end: what fills it; `body` is not sent. */
  readonly live?: LiveSource | undefined;
  /** Present on an answer that is made while it is sent; `body` is not sent. */
  readonly file?: FileBody | undefined;
  /** Runs when the answer has been written. */
  readonly afterwards?: () => void;
  /** Runs when the answer has left, or cannot leave any more: gives back what the request held. */
  readonly release?: () => void;
}

/** A request that the server cannot even read. */
export class UnreadableRequest extends Error {
  /** Status to answer with. */
  readonly status: number;

  /** Makes one. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Payload Too Large",
  416: "Range Not Satisfiable",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** The words behind a status code. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? "Unknown";
}

/** A minimal page. */
export function page(status: number, title: string): HttpAnswer {
  return {
    status,
    type: "text/html; charset=utf-8",
    body: `<!DOCTYPE html>\r\n<html><head><title>${title}</title></head>` +
      `<body><h1>${title}</h1></body></html>\r\n`,
  };
}

/** A page that says what is wrong. */
export function failure(status: number): HttpAnswer {
  return page(status, `${status} ${reasonOf(status)}`);
}

/** Sends the client elsewhere. */
export function redirect(status: number, location: string): HttpAnswer {
  return { ...failure(status), headers: [["Location", location]] };
}
