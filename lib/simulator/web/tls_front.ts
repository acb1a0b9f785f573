/**
 * A listening HTTPS port in front of a device.
 *
 * Deno's own TLS listener cannot change its certificate while it listens; `node:tls` can.
 *
 * @module
 */

import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ByteStream } from "../../net/stream.ts";
import { cannotListen, type NetworkFront } from "../front.ts";
import { FIRST, SECOND } from "./certificates.ts";
import { SocketStream } from "./socket_stream.ts";

/** Listens for TLS and hands connections on. */
export class TlsFront implements NetworkFront {
  readonly #host: string;
  readonly #serve: (stream: ByteStream, address: string) => Promise<void>;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #server: Server | undefined;
  #certificate = FIRST;

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

  /** Shows another certificate to connections from now on, or the first one again. */
  renew(other: boolean): void {
    this.#certificate = other ? SECOND : FIRST;
    this.#server?.setSecureContext({ ...this.#certificate });
  }

  /**
   * Opens the port.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when it cannot be had
   */
  async up(): Promise<void> {
    await this.down();
    const server = createServer({ ...this.#certificate });
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    // Who breaks off the handshake, because of the certificate for example, is gone.
    server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
    server.on("secureConnection", (socket: TLSSocket) => {
      this.#serve(new SocketStream(socket), socket.remoteAddress ?? "");
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        this.#server = undefined;
        reject(cannotListen(this.#host, this.#port, error));
      });
      server.listen(this.#port, this.#host, resolve);
    });
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Closes the port and what is still connected to it. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
