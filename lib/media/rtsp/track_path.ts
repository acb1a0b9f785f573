/**
 * How the packets of one stream travel: inside the RTSP connection, or over UDP.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Datagrams, OpenDatagrams } from "../../net/udp.ts";
import type { RtspConnection } from "./rtsp_connection.ts";

/** The way of one stream. */
export interface TrackPath {
  /** Value of the Transport header of SETUP. */
  readonly offer: string;
  /** True when packets cannot overtake each other. */
  readonly isOrdered: boolean;
  /** Takes the device's answer to the offer. */
  accept(transport: string): void;
  /**
   * Begins to receive: media packets and control packets. Over UDP nothing more is read while a
   * promise that `onMedia` returns is open.
   */
  start(
    onMedia: (bytes: Uint8Array) => Promise<void> | undefined,
    onControl: (bytes: Uint8Array) => void,
  ): void;
  /** Offers an interleaved packet; true when it belongs to this stream. */
  take(channel: number, bytes: Uint8Array): boolean;
  /** Sends a control packet. */
  report(bytes: Uint8Array): void;
  /** Gives back what it holds. */
  close(): void;
}

type Take = (bytes: Uint8Array) => Promise<void> | void;

/** Packets inside the RTSP connection, on two channels of it. */
export function interleaved(
  channel: number,
  connection: Pick<RtspConnection, "send">,
): TrackPath {
  let media = channel;
  let control = channel + 1;
  let onMedia: Take = () => {};
  let onControl: Take = () => {};
  return {
    offer: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    isOrdered: true,
    accept(transport) {
      const given = /interleaved=(\d{1,3})(?:-(\d{1,3}))?/i.exec(transport);
      if (given === null) return;
      media = Number(given[1]);
      control = Number(given[2] ?? media + 1);
    },
    start(first, second) {
      onMedia = first;
      onControl = second;
    },
    take(on, bytes) {
      if (on === media) onMedia(bytes);
      else if (on === control) onControl(bytes);
      else return false;
      return true;
    },
    report: (bytes) => void connection.send(control, bytes),
    close: () => {},
  };
}

/** Pairs of ports are tried this often: the odd one may be taken. */
const ATTEMPTS = 20;

/** Packets over a pair of UDP ports. */
export async function overUdp(host: string, open: OpenDatagrams): Promise<TrackPath> {
  const [media, control] = await openPair(open);
  let to: { host: string; port: number } | undefined;
  return {
    offer: `RTP/AVP;unicast;client_port=${media.address.port}-${control.address.port}`,
    isOrdered: false,
    accept(transport) {
      const ports = /server_port=(\d{1,5})(?:-(\d{1,5}))?/i.exec(transport);
      const port = ports === null ? 0 : Number(ports[2] ?? Number(ports[1]) + 1);
      if (port > 0) to = { host, port };
    },
    start(onMedia, onControl) {
      void receive(media, (bytes) => onMedia(bytes.slice())); // packets may wait for others
      void receive(control, onControl);
    },
    take: () => false,
    report(bytes) {
      if (to !== undefined) control.send(bytes, to).catch(() => {});
    },
    close() {
      media.close();
      control.close();
    },
  };
}

async function receive(socket: Datagrams, take: Take): Promise<void> {
  try {
    for await (const { bytes } of socket) {
      const wait = take(bytes);
      if (wait !== undefined) await wait;
    }
  } catch {
    // A stream that falls silent is noticed by whoever waits for it.
  }
}

/** An even port and the odd one above it (RFC 3550 section 11). */
async function openPair(open: OpenDatagrams): Promise<[Datagrams, Datagrams]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const media = await open();
    const { port } = media.address;
    if (port % 2 === 0) {
      const control = await open({ port: port + 1 }).catch(() => undefined);
      if (control !== undefined) return [media, control];
    }
    media.close();
  }
  throw new DhipError("DHIP_UNREACHABLE", "No pair of free UDP ports", {
    hint: "Play over TCP, the default.",
  });
}
