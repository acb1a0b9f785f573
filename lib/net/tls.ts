/**
 * TLS over any byte stream: direct TCP, or a tunnel.
 *
 * It goes through `node:tls` because neither `fetch` nor `Deno.connectTls` lets a program see, and
 * so pin, a self-signed certificate. Versions are TLS 1.2 and 1.3, ciphers those of rustls.
 *
 * @module
 */

import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { DemandDuplex } from "./_node_duplex.ts";
import { handshakeFailure, streamFailure } from "./_tls_errors.ts";
import { judgeCertificate, type TrustReason } from "./certificate_trust.ts";
import { withDeadline } from "./deadline.ts";
import { MemoryPinStore, type PinStore } from "./pin_store.ts";
import { isSecure, type SecureDialer } from "./secure_dialer.ts";
import type { ByteStream, CallOptions, Dialer } from "./stream.ts";
import { endpoint } from "./tcp.ts";

/** Default limit for a TLS handshake, in milliseconds; small cameras take a second or two. */
const HANDSHAKE_TIMEOUT = 10_000;

/** How a device's certificate is judged. */
export interface TlsOptions {
  /** Pinned certificates; by default one store for the whole process. */
  readonly pins?: PinStore | undefined;
  /** Accept any certificate and pin nothing. For one connection, not for a habit. */
  readonly insecure?: boolean | undefined;
  /** Pin a certificate that is seen for the first time. Default true; else it is refused. */
  readonly trustOnFirstUse?: boolean | undefined;
  /** Certificates of authorities in PEM form, instead of those built in. */
  readonly ca?: readonly string[] | undefined;
  /** Limit for the handshake, in milliseconds. Default 10 000. */
  readonly handshakeTimeout?: number | undefined;
  /** Gets things an operator should know: a new certificate, one that was not checked. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** The certificate that a device showed. */
export interface PeerCertificate {
  /** SHA-256 of the DER form, lower-case hex. */
  readonly sha256: string;
  /** Why it was accepted. */
  readonly trust: TrustReason;
  /** Common name of its subject, as the device claims it. */
  readonly subject: string;
  /** End of its validity as the device claims it, for example `Oct  1 00:00:00 2030 GMT`. */
  readonly validTo: string;
  /** Negotiated version, `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
}

/** A dialer whose streams tell whose certificate they saw. */
export interface TlsDialer extends SecureDialer {
  /** See {@linkcode Dialer.dial}; also throws what {@linkcode tlsConnect} does. */
  dial(port: number, options?: CallOptions): Promise<TlsStream>;
}

/** The certificates that this process knows, where nobody brings a store of their own. */
export const processPins: PinStore = new MemoryPinStore();

/**
 * A dialer that speaks TLS over the connections of another one.
 *
 * Certificates are verified by the built-in (or given) authorities; one that they do not vouch
 * for is pinned when it is first seen, with a notice, and must stay the same from then on.
 *
 * A dialer that is secure already is returned as it is: nothing is encrypted twice.
 */
export function tlsDialer<Secure extends SecureDialer>(
  dialer: Secure,
  options?: TlsOptions,
): Secure;
/** A dialer that speaks TLS over the connections of another one. */
export function tlsDialer(dialer: Dialer, options?: TlsOptions): TlsDialer;
/** One of the two above. */
export function tlsDialer(dialer: Dialer, options: TlsOptions = {}): SecureDialer {
  if (isSecure(dialer)) return dialer;
  return {
    host: dialer.host,
    secure: true,
    async dial(port: number, call: CallOptions = {}): Promise<TlsStream> {
      const stream = await dialer.dial(port, call);
      return await tlsConnect(stream, dialer.host, port, options, call);
    },
  };
}

/**
 * Makes a TLS client of a connected stream, and owns it from then on.
 *
 * @throws {DhipError} `DHIP_TLS_UNTRUSTED` (changed or unknown certificate, with fingerprints),
 *   `DHIP_TLS_TOO_OLD`, `DHIP_WRONG_PROTOCOL` (no TLS on that port), `DHIP_CONNECTION_LOST`,
 *   `DHIP_TIMEOUT`, `DHIP_INTERRUPTED`
 */
export async function tlsConnect(
  stream: ByteStream,
  host: string,
  port: number,
  options: TlsOptions = {},
  call: CallOptions = {},
): Promise<TlsStream> {
  const where = endpoint(host, port);
  const duplex = new DemandDuplex(stream);
  let watch: SocketWatch | undefined;
  try {
    return await withDeadline(async () => {
      const { socket } = watch = await handshake(duplex, host, where, options);
      const { raw, subject, valid_to } = socket.getPeerCertificate();
      if (raw === undefined) throw streamFailure(watch.error, where); // broken already
      const protocol = String(socket.getProtocol());
      const sha256 = createHash("sha256").update(raw).digest("hex");
      const problem = socket.authorizationError as unknown;
      const trust = await judgeCertificate({
        endpoint: where,
        sha256,
        verified: socket.authorized,
        problem: problem === null || problem === undefined ? undefined : String(problem),
      }, { ...options, pins: options.pins ?? processPins });
      if (watch.error !== undefined || socket.destroyed) throw streamFailure(watch.error, where);
      const certificate = {
        sha256,
        trust,
        subject: String(subject?.CN ?? ""),
        validTo: String(valid_to ?? ""),
        protocol,
      };
      return new TlsStream(watch, duplex, where, certificate);
    }, {
      what: `TLS handshake with ${where}`,
      host: where,
      signal: call.signal,
      timeout: options.handshakeTimeout ?? HANDSHAKE_TIMEOUT,
    });
  } catch (error) {
    watch?.socket.destroy();
    duplex.destroy();
    throw error;
  }
}

/** A socket and its first error. From its start on: an error that nobody hears ends the process. */
class SocketWatch {
  readonly socket: TLSSocket;
  error: unknown;
  /** Called after an error, or the end. */
  wake = () => {};

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("error", (error) => {
      this.error ??= error;
      this.wake();
    });
    socket.on("close", () => this.wake());
  }
}

function handshake(
  duplex: DemandDuplex,
  host: string,
  where: string,
  options: TlsOptions,
): Promise<SocketWatch> {
  return new Promise((resolve, reject) => {
    const settings: ConnectionOptions = {
      socket: duplex,
      host,
      // Every certificate gets through the handshake, to be judged by what it is.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      // SNI is for names only, RFC 6066 section 3.
      ...(isIP(host) === 0 && /^[\w.-]+$/.test(host) ? { servername: host } : {}),
      ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
    };
    const socket = connect(settings);
    const watch = new SocketWatch(socket);
    watch.wake = () => {
      socket.destroy();
      duplex.destroy();
      reject(handshakeFailure(watch.error, where));
    };
    socket.once("secureConnect", () => {
      watch.wake = () => {};
      duplex.demand = false; // until somebody reads
      resolve(watch);
    });
    duplex.on("error", () => {}); // the socket tells of it
  });
}

/** An encrypted stream, and whose it is. */
export class TlsStream implements ByteStream {
  /** The certificate of the device. */
  readonly certificate: PeerCertificate;
  readonly #watch: SocketWatch;
  readonly #socket: TLSSocket;
  readonly #duplex: DemandDuplex;
  readonly #where: string;
  #closed = false;

  /** Made by {@linkcode tlsConnect}. */
  constructor(
    watch: SocketWatch,
    duplex: DemandDuplex,
    where: string,
    certificate: PeerCertificate,
  ) {
    this.certificate = certificate;
    this.#watch = watch;
    this.#socket = watch.socket;
    this.#duplex = duplex;
    this.#where = where;
    for (const name of ["readable", "end"] as const) watch.socket.on(name, () => watch.wake());
  }

  /** See {@linkcode ByteStream.read}. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const socket = this.#socket;
    for (;;) {
      if (this.#closed) return null;
      const size = Math.min(buffer.length, socket.readableLength);
      const bytes: Uint8Array | null = size > 0 ? socket.read(size) : socket.read();
      if (bytes !== null) {
        if (bytes.length > buffer.length) {
          socket.unshift(bytes.subarray(buffer.length));
        }
        const taken = Math.min(bytes.length, buffer.length);
        buffer.set(bytes.subarray(0, taken));
        return taken;
      }
      const { error } = this.#watch;
      if (error !== undefined) throw streamFailure(error, this.#where);
      if (socket.readableEnded || socket.destroyed) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watch.wake = resolve;
      this.#duplex.demand = true;
      await promise;
      this.#duplex.demand = false;
    }
  }

  /** See {@linkcode ByteStream.write}. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => reject(streamFailure(error, this.#where));
      if (this.#closed || this.#socket.destroyed) return failed(this.#watch.error);
      // The caller may reuse its array; TLS may encrypt it later.
      this.#socket.write(bytes.slice(), (error) => error ? failed(error) : resolve());
    });
  }

  /** Closes at once, without the farewell of TLS: a pending read ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#duplex.destroy();
    this.#watch.wake();
  }

  /** Closes the stream. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
