/**
 * A listening HTTPS port in front of a device.
 *
 * Deno's own TLS listener cannot change its certificate while it listens; `node:tls` can.
 *
 * @module
 */

import { createServer as listenPlain, type Server as NetServer, type Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ByteStream } from "../../net/stream.ts";
import { cannotListen, type FrontFault, type NetworkFront } from "../front.ts";
import { FIRST, SECOND } from "./certificates.ts";
import { SocketStream } from "./socket_stream.ts";

/** A fatal alert, `protocol_version` (RFC 8446 section 6), in a record of TLS 1.0. */
const PROTOCOL_VERSION = new Uint8Array([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);

/** Listens for TLS and hands connections on. */
export class TlsFront implements NetworkFront {
  readonly #host: string;
  readonly #serve: (stream: ByteStream, address: string) => Promise<void>;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #server: Server | undefined;
  #listener: NetServer | undefined;
  #certificate = FIRST;
  #old = false;

  /** `port` 0 takes a free one at the first `up` and keeps it. */
  constructor(
    host: string,
    port: number,
    serve: (stream: ByteStream, address: string) => Promise<void>,
  ) {
    this.#host = host;
    this.#port = port;
    this.#serve = serve;
  }

  /** The port; 0 before the first `up` when any was asked for. */
  get port(): number {
    return this.#port;
  }

  /** Shows another certificate, or knows no version of TLS that a client offers. */
  misbehave(fault: FrontFault, on: boolean): void {
    if (fault === "tls-too-old") {
      this.#old = on;
      return;
    }
    this.#certificate = on ? SECOND : FIRST;
    this.#server?.setSecureContext({ ...this.#certificate });
  }

  /**
   * Opens the port.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when it cannot be had
   */
  async up(): Promise<void> {
    await this.down();
    const server = this.#server = createServer({ ...this.#certificate });
    // Who breaks off the handshake, because of the certificate for example, is gone.
    server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
    server.on("secureConnection", (socket: TLSSocket) => {
      this.#serve(new SocketStream(socket), socket.remoteAddress ?? "");
    });
    const listener = this.#listener = listenPlain((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      if (this.#old) refuseVersion(socket);
      else server.emit("connection", socket);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once("error", (error) => {
        this.#listener = undefined;
        reject(cannotListen(this.#host, this.#port, error));
      });
      listener.listen(this.#port, this.#host, resolve);
    });
    const address = listener.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Closes the port and what is still connected to it. */
  async down(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = this.#server = undefined;
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Answers a greeting as a device whose newest TLS is older than the client's oldest. */
function refuseVersion(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("data", () => socket.end(PROTOCOL_VERSION));
}
