/**
 * Datagrams between two processes with nothing but a window: as fast as UDP is in Deno.
 *
 * The receiver says after every 16 datagrams how many came; the sender is never further ahead than
 * the window of a device, so that no socket's buffer overflows. Run as a program it receives, then
 * sends: the two directions of a benchmark, measured by whoever started it.
 */

import { type DatagramAddress, type Datagrams, openDatagrams } from "../../lib/net/udp.ts";

/** Bytes of the largest PTCP datagram. */
export const DATAGRAM = 1_316;
/** Datagrams on the way at most: what fits into the window of a device. */
const WINDOW = 46;
const EVERY = 16;
/** Milliseconds after which what was not acknowledged counts as lost. */
const LATE = 20;

/** What tells that it is over; a few times, since one may be lost. */
const END = new Uint8Array(1);

/** Sends until `over`; resolves to the bytes that arrived. */
export async function sendAll(
  socket: Datagrams,
  to: DatagramAddress,
  over: () => boolean,
): Promise<number> {
  const bytes = new Uint8Array(DATAGRAM).fill(1);
  let [sent, arrived, lost] = [0, 0, 0];
  let heard = Promise.withResolvers<void>();
  let isOver = false;
  const hearing = (async () => {
    while (!isOver) {
      const next = await socket.receive();
      if (next === null) return;
      if (next.bytes.length !== 4) continue;
      const { buffer, byteOffset } = next.bytes;
      arrived = Math.max(arrived, new DataView(buffer, byteOffset).getUint32(0));
      heard.resolve();
      heard = Promise.withResolvers();
    }
  })();
  while (!over()) {
    if (sent - arrived - lost < WINDOW) {
      await socket.send(bytes, to);
      sent++;
      continue;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LATE));
    const before = arrived;
    await Promise.race([heard.promise, late]);
    clearTimeout(timer);
    if (arrived === before) lost = sent - arrived; // or it waits for ever
  }
  isOver = true;
  for (let again = 0; again < 10; again++) await socket.send(END, to);
  await hearing; // the answer to the end is the last word
  return arrived * DATAGRAM;
}

/** Receives until the sender says that it is over; resolves to who that was. */
export async function receiveAll(
  socket: Datagrams,
  onBytes: (bytes: number) => void,
): Promise<DatagramAddress | undefined> {
  const acknowledgement = new Uint8Array(4);
  let count = 0;
  for (;;) {
    const next = await socket.receive();
    if (next === null) return undefined;
    const isEnd = next.bytes.length === END.length;
    if (isEnd && count === 0) continue; // one more of the run before
    if (!isEnd) {
      if (next.bytes.length !== DATAGRAM) continue;
      onBytes(next.bytes.length);
      if (++count % EVERY !== 0) continue;
    }
    new DataView(acknowledgement.buffer).setUint32(0, count);
    await socket.send(acknowledgement, next.from);
    if (isEnd) return next.from;
  }
}

if (import.meta.main) {
  // The other end: takes what comes; when that is over, sends back for as long.
  await using socket = await openDatagrams({ host: "127.0.0.1" });
  console.log(socket.address.port);
  for (;;) {
    let began = 0;
    const peer = await receiveAll(socket, () => began ||= performance.now());
    if (peer === undefined) break;
    const until = 2 * performance.now() - began;
    await sendAll(socket, peer, () => performance.now() >= until);
  }
}
