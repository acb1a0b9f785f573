/**
 * How the web server of one device can differ from that of the next.
 *
 * @module
 */

import { oneOf, whole } from "../range.ts";

/** Generation of a web server, by the cookie that carries the session. */
export type WebGeneration =
  | "DhWebClientSessionID"
  | "WebClientSessionID"
  | "DWebClientSessionID"
  | "WebClientHttpSessionID";

/** What CGI asks for. `digest+basic` offers both, with MD5. */
export type HttpAuth =
  | "digest-md5"
  | "digest-md5-sess"
  | "digest-sha256"
  | "digest-sha256-sess"
  | "basic"
  | "digest+basic";

/** Quality of protection that a Digest challenge offers; `none` is the form of RFC 2069. */
export type HttpQop = "auth" | "auth-int" | "auth,auth-int" | "none";

const GENERATIONS: readonly WebGeneration[] = [
  "DhWebClientSessionID",
  "WebClientSessionID",
  "DWebClientSessionID",
  "WebClientHttpSessionID",
];

const SCHEMES: readonly HttpAuth[] = [
  "digest-md5",
  "digest-md5-sess",
  "digest-sha256",
  "digest-sha256-sess",
  "basic",
  "digest+basic",
];

const QOPS: readonly HttpQop[] = ["auth", "auth-int", "auth,auth-int", "none"];

const SNAPSHOTS = ["1-based", "0-based", "no-channel", "absent"] as const;

/** Options of the web server of a device. */
export interface WebOptions {
  /**
   * Cookie that carries an RPC2 session. `WebClientSessionID` comes with `username`,
   * `DWebClientSessionID` and `DhWebClientSessionID`; `WebClientHttpSessionID` is accepted together
   * with the header `X-Api-Session` only. Default `DhWebClientSessionID`.
   */
  readonly webGeneration?: WebGeneration;
  /** Sessions over RPC2: a number, or 32 hexadecimal digits. Default `number`. */
  readonly httpSession?: "number" | "hex";
  /** How CGI asks who is there. Default `digest-md5`. */
  readonly httpAuth?: HttpAuth;
  /** What a Digest challenge offers. Default `auth`. */
  readonly httpQop?: HttpQop;
  /** Seconds that a Digest nonce is good for; then `stale=true`. 1-86400, default 300. */
  readonly nonceLifetime?: number;
  /** Status with which CGI refuses a locked account: 401 as for a wrong password, or 403. Default 401. */
  readonly cgiLockedStatus?: 401 | 403;
  /** Status for a configuration table the device does not have; 200 has no body. Default 400. */
  readonly cgiMissingTable?: 200 | 400 | 404 | 501;
  /**
   * Channels of snapshot.cgi: `1-based` as on an NVR, `0-based` as on some firmwares, `no-channel` as
   * on door stations; `absent`: there is no snapshot.cgi. Default
   * `1-based`, with a type VTO… `no-channel`.
   */
  readonly snapshotCgi?: "1-based" | "0-based" | "no-channel" | "absent";
  /** Size of pictures, `WIDTHxHEIGHT` in pixels, each 64-4096. Default `640x360`. */
  readonly snapshotSize?: string;
  /**
   * Pushes of an RPC2 session that are kept until its /SubscribeNotify.cgi is opened for the first
   * time; one more forgets the oldest. 0-1000, default 16; 0: they are lost.
   */
  readonly notifyBacklog?: number;
  /** Status with which the HTTP port sends everything to HTTPS; false: it answers itself. Default false. */
  readonly redirectToHttps?: false | 301 | 302 | 307 | 308;
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a value is not possible
 */
export function resolveWebOptions(options: WebOptions): Required<WebOptions> {
  return {
    webGeneration: oneOf(
      "webGeneration",
      options.webGeneration ?? "DhWebClientSessionID",
      GENERATIONS,
    ),
    httpSession: oneOf("httpSession", options.httpSession ?? "number", ["number", "hex"]),
    httpAuth: oneOf("httpAuth", options.httpAuth ?? "digest-md5", SCHEMES),
    httpQop: oneOf("httpQop", options.httpQop ?? "auth", QOPS),
    nonceLifetime: whole("nonceLifetime", options.nonceLifetime ?? 300, 1, 86_400),
    cgiLockedStatus: oneOf("cgiLockedStatus", options.cgiLockedStatus ?? 401, [401, 403]),
    cgiMissingTable: oneOf("cgiMissingTable", options.cgiMissingTable ?? 400, [200, 400, 404, 501]),
    snapshotCgi: oneOf("snapshotCgi", options.snapshotCgi ?? "1-based", SNAPSHOTS),
    snapshotSize: size("snapshotSize", options.snapshotSize ?? "640x360"),
    notifyBacklog: whole("notifyBacklog", options.notifyBacklog ?? 16, 0, 1000),
    redirectToHttps: oneOf(
      "redirectToHttps",
      options.redirectToHttps ?? false,
      [false, 301, 302, 307, 308],
    ),
  };
}

/** Checks a size in pixels. */
function size(name: string, text: string): string {
  const [, width, height] = /^(\d{2,4})x(\d{2,4})$/.exec(text) ?? [];
  for (const side of [width, height]) whole(`A side of ${name}`, Number(side), 64, 4096);
  return text;
}
