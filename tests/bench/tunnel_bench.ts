/**
 * The tunnel's transport: what it moves to the device over links that lose, beside libnice's
 * PseudoTcp sending over the same links. Needs `scripts/install_test_peers.sh`.
 */

import { UdpEnd } from "../p2p/_udp_end.ts";
import { type Impairments, type NiceOptions, startNicePeer } from "../support/nice_peer.ts";
import type { Row } from "./_harness.ts";

/** More than any of them moves. */
const ENDLESS = 10_000_000_000;
/** Seeds of the losses. The best run of each sender counts: other work only takes from it. */
const SEEDS = [1, 2, 3];

/** MB/s that arrive within so many seconds. */
async function goodput(
  send: (port: number) => Promise<AsyncDisposable>,
  link: Pick<NiceOptions, "in" | "out" | "seed">,
  seconds: number,
): Promise<number> {
  await using receiver = await startNicePeer({ ...link, receive: ENDLESS });
  await using _sender = await send(receiver.port);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { received, ms } = await receiver.end();
  return received / ms / 1000;
}

async function ours(port: number): Promise<AsyncDisposable> {
  const end = await UdpEnd.open({ send: ENDLESS });
  end.connect(port);
  return end;
}

function libnice(port: number): Promise<AsyncDisposable> {
  return startNicePeer({ active: port, send: ENDLESS });
}

async function compare(loss: number, delay: number): Promise<Row> {
  const way: Impairments = { loss, delay };
  const seconds = loss < 5 ? 1 : 2;
  const best: [number, number] = [0, 0];
  for (const seed of SEEDS) {
    for (const [index, send] of [ours, libnice].entries()) {
      const rate = await goodput(send, { in: way, out: way, seed }, seconds);
      best[index] = Math.max(best[index]!, rate);
    }
  }
  const [mine, theirs] = best;
  return {
    what: `goodput at ${loss} % loss and ${delay} ms each way`,
    figure: `${mine.toFixed(3)} MB/s, libnice ${theirs.toFixed(3)} MB/s`,
    goal: "ahead",
    met: mine > theirs,
  };
}

export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const delay of [0, 20]) {
    for (const loss of [0.1, 1, 5, 10]) rows.push(await compare(loss, delay));
  }
  return rows;
}
