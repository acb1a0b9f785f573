/**
 * What the ports of a device lead to when they are reached through a tunnel.
 *
 * @module
 */

import { streamPair } from "../../net/memory.ts";
import type { ByteStream } from "../../net/stream.ts";
import { tcpDialer } from "../../net/tcp.ts";
import type { OpenPort } from "./realm.ts";
import { smallServices, streamService } from "./services.ts";

/** Ports that a device's services have on its network, beside their usual ones. */
export interface DevicePorts {
  /** DHIP. */
  readonly dhip?: number | undefined;
  /** HTTP. */
  readonly http?: number | undefined;
  /** HTTPS; without it there is none. */
  readonly https?: number | undefined;
  /** RTSP. */
  readonly rtsp?: number | undefined;
}

/** A device without sockets. */
export interface Served {
  /** Serves a DHIP connection. */
  serve(stream: ByteStream): Promise<void>;
  /** Serves an HTTP connection. */
  serveHttp(stream: ByteStream): Promise<void>;
  /** Serves an RTSP connection. */
  serveRtsp(stream: ByteStream): Promise<void>;
}

/** The usual ports of a device and those that it has, and three small services. */
export function openPortOf(device: Served, host: string, ports: DevicePorts): OpenPort {
  const joined = (serve: (stream: ByteStream) => Promise<void>) => {
    const [near, far] = streamPair();
    serve(far);
    return Promise.resolve(near);
  };
  return (port, line) => {
    switch (port) {
      case 554:
      case ports.rtsp:
        return streamService(line, joined((stream) => device.serveRtsp(stream)));
      case 80:
      case ports.http:
        return streamService(line, joined((stream) => device.serveHttp(stream)));
      case 5000:
      case 37_777:
      case ports.dhip:
        return streamService(line, joined((stream) => device.serve(stream)));
      case 443:
      case ports.https:
        // TLS is spoken by the listener itself.
        if (ports.https === undefined) return undefined;
        return streamService(line, tcpDialer(host).dial(ports.https));
    }
    return smallServices(port, line);
  };
}
