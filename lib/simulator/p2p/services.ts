/**
 * What stands behind the ports of a device: three services that need nothing, and streams.
 *
 * @module
 */

import type { ByteStream } from "../../net/stream.ts";
import type { OpenPort, RealmLine, RealmService } from "./realm.ts";

/** Bytes of one read from a service. */
const READ_SIZE = 65_536;
/** What port 19 repeats: lines of 95 characters. */
const CHARACTERS = Uint8Array.from(
  { length: 96 * 100 },
  (_, i) => i % 96 === 95 ? 0x0a : 0x20 + i % 96,
);

/** Ports of RFC 862, 863 and 864: 7 sends everything back, 9 nothing, 19 text without an end. */
export const smallServices: OpenPort = (port, line) => {
  switch (port) {
    case 7:
      return echo(line);
    case 9:
      line.accept();
      return { data: (bytes) => line.consumed(bytes.length), closed: () => {} };
    case 19:
      return chargen(line);
  }
  return undefined;
};

function echo(line: RealmLine): RealmService {
  line.accept();
  return {
    data: (bytes) => line.write(bytes.slice(), () => line.consumed(bytes.length)),
    closed: () => {},
  };
}

function chargen(line: RealmLine): RealmService {
  let open = true;
  let busy = false;
  // `done` may come within `write`: a loop, not a recursion.
  const more = () => {
    if (busy) return;
    busy = true;
    for (let again = true; again && open;) {
      again = false;
      let within = true;
      line.write(CHARACTERS, () => {
        if (within) again = true;
        else more();
      });
      within = false;
    }
    busy = false;
  };
  line.accept();
  more();
  return {
    data: (bytes) => line.consumed(bytes.length),
    closed: () => void (open = false),
  };
}

/** A connection whose other end is a stream, or will be one. */
export function streamService(line: RealmLine, opening: Promise<ByteStream>): RealmService {
  const waiting: Uint8Array[] = [];
  let stream: ByteStream | undefined;
  let closed = false;
  let writing = false;

  async function write(): Promise<void> {
    if (writing || stream === undefined) return;
    writing = true;
    try {
      for (let next; (next = waiting.shift()) !== undefined && !closed;) {
        await stream.write(next);
        line.consumed(next.length);
      }
    } catch {
      line.close();
    }
    writing = false;
  }

  async function run(): Promise<void> {
    stream = await opening;
    if (closed) return stream.close();
    line.accept();
    write();
    const buffer = new Uint8Array(READ_SIZE);
    for (;;) {
      const size = await stream.read(buffer);
      if (size === null) return;
      await new Promise<void>((resolve) => line.write(buffer.subarray(0, size), resolve));
    }
  }

  // Whatever ends the service ends the connection.
  run().catch(() => {}).finally(() => {
    line.close();
    stream?.close();
  });
  return {
    data: (bytes) => {
      waiting.push(bytes.slice());
      write();
    },
    closed: () => {
      closed = true;
      stream?.close();
    },
  };
}
