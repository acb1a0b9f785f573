/**
 * Messages of the P2P cloud: one HTTP-like text in each UDP datagram.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type BodyFields, readBody, writeBody } from "./cloud_xml.ts";
import type { CloudProfile } from "./profile.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Nonce and time that a request is signed with; each transmission has its own. */
export interface Signature {
  /** Any number, as decimal text. */
  readonly nonce: string;
  /** Time by the cloud's clock, as {@linkcode createdText} writes it. */
  readonly created: string;
}

/** A request to a server of the cloud. */
export interface CloudRequest {
  /** Path, for example `/probe/p2psrv`. */
  readonly path: string;
  /** Elements of the body; without any it is a GET. */
  readonly body?: BodyFields | undefined;
  /** Number that the answer repeats; the same in each transmission of one request. */
  readonly cseq: number;
  /** 32 hexadecimal digits that the `nf` dialect names a request by. */
  readonly requestId: string;
}

/** An answer of the cloud, or of the device or relay agent behind it. */
export interface CloudResponse {
  /** Status code; below 200 the real answer is still to come. */
  readonly code: number;
  /** Text behind the code. */
  readonly status: string;
  /** Number of the request; null when it has none. */
  readonly cseq: number | null;
  /** The server's clock in ms since 1970; null when not told. */
  readonly date: number | null;
  /** Elements of the body. */
  readonly fields: ReadonlyMap<string, string>;
}

/** PasswordDigest of WSSE as these clouds compute it (confirmed by several public programs). */
export function wsseDigest(
  { username, key }: Pick<CloudProfile, "username" | "key">,
  { nonce, created }: Signature,
): string {
  return createHash("sha1").update(`${nonce}${created}DHP2P:${username}:${key}`).digest("base64");
}

/** A time in ms since 1970 as `2024-01-02T03:04:05Z`. */
export function createdText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Headers of the `nf` dialect, which stand before CSeq (observed by pabloromeo/dh-p2p). */
const NF_HEADERS = ["X-Version: 6.7.11", "X-TSVersion: TS_1.1.4"];

/**
 * The bytes of a request. Header order is that of dh-p2p; Content-Type is empty, as there.
 */
export function encodeRequest(
  profile: CloudProfile,
  request: CloudRequest,
  signature: Signature,
): Uint8Array {
  const { path, body, cseq, requestId } = request;
  const { nonce, created } = signature;
  const isNf = profile.dialect === "nf";
  const text = body === undefined ? "" : writeBody(isNf ? sorted(body) : body);
  const method = `${isNf ? "NF" : "DH"}${text === "" ? "GET" : "POST"}`;
  const digest = wsseDigest(profile, signature);
  const lines = [`${method} ${path} HTTP/1.1`];
  if (isNf) {
    lines.push(
      ...NF_HEADERS,
      `x-pcs-request-id: ${requestId}`,
      "X-ToUType: Client/Dmss_Android",
    );
  }
  lines.push(
    `CSeq: ${cseq}`,
    'Authorization: WSSE profile="UsernameToken"',
    `X-WSSE: UsernameToken Username="${profile.username}", PasswordDigest="${digest}", ` +
      `Nonce="${nonce}", Created="${created}"`,
  );
  const bytes = encoder.encode(text);
  if (text !== "") lines.push("Content-Type: ", `Content-Length: ${bytes.length}`);
  return encoder.encode(`${lines.join("\r\n")}\r\n\r\n${text}`);
}

/** The vendor's library keeps fields in a sorted map (observed by pabloromeo/dh-p2p). */
function sorted(body: BodyFields): BodyFields {
  return Object.fromEntries(Object.entries(body).sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Reads an answer. Lines may end with LF only, headers may be empty, the body may begin with an XML
 * declaration.
 *
 * @returns null for what is no whole answer
 */
export function readResponse(datagram: Uint8Array): CloudResponse | null {
  const border = endOfHead(datagram);
  if (border === null) return null;
  const [first = "", ...lines] = decoder.decode(datagram.subarray(0, border.head)).split(/\r?\n/);
  const match = /^HTTP\/\d\.\d +(\d{3})(?: +(.*))?$/.exec(first);
  if (match === null) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  const rest = datagram.subarray(border.body);
  const length = wholeNumber(headers.get("content-length")) ?? rest.length;
  if (length < 0 || length > rest.length) return null; // cut on the way
  const date = Date.parse(headers.get("date") ?? "");
  return {
    code: Number(match[1]),
    status: (match[2] ?? "").trim(),
    cseq: wholeNumber(headers.get("cseq")),
    date: Number.isNaN(date) ? null : date,
    fields: readBody(decoder.decode(rest.subarray(0, length))),
  };
}

/** Where the head ends and the body begins: at the first empty line. */
function endOfHead(bytes: Uint8Array): { readonly head: number; readonly body: number } | null {
  const [CR, LF] = [13, 10];
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] === LF) return { head: bytes[at - 1] === CR ? at - 1 : at, body: next + 1 };
  }
  return null;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : null;
}
