/** Programs that use a tunnel, each of which knows what it must get, byte for byte. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DahuaCamera, type Recording } from "../../lib/camera/mod.ts";
import { RpcSession } from "../../lib/dhip/session.ts";
import { playbackPath } from "../../lib/media/rtsp/paths.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { RawRtsp } from "../simulator/_rtsp.ts";
import { between, seeded } from "../support/random.ts";
import { PASSWORD, type TunnelPair } from "../support/tunnel_processes.ts";

/** Uses a tunnel for about so many bytes; resolves to how many were right. */
export type Client = (bytes: number) => Promise<number>;

/** Where a service is. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** Bytes a second that a recording has about, of the pictures and sound alone. */
const PLAYBACK_RATE = 17_000;
/** The type of an RTCP goodbye (RFC 3550), where a device's compound packet has it. */
const GOODBYE = 203;
/** So many bytes are more than a beginning. */
const MUCH = 500_000;

/** Everything comes back as it was sent, in pieces of any size; both ways count. */
export function echoClient({ ports }: TunnelPair, seed = 1): Client {
  return async (total) => {
    const bytes = Math.ceil(total / 2);
    const random = seeded(seed);
    const noise = Uint8Array.from({ length: 1 << 17 }, () => random() * 256);
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port: ports.get(7)! });
    const sending = (async () => {
      for (let left = bytes; left > 0;) {
        const from = between(random, 0, 1 << 16);
        const size = random() < 0.1 ? between(random, 1, 100) : between(random, 1, 1 << 16);
        const piece = noise.subarray(from, from + Math.min(left, size));
        for (let at = 0; at < piece.length;) at += await tcp.write(piece.subarray(at));
        sent.update(piece);
        left -= piece.length;
      }
    })();
    sending.catch(() => {}); // the reader hears of the end as well
    const buffer = new Uint8Array(1 << 16);
    for (let got = 0; got < bytes;) {
      const count = await tcp.read(buffer);
      assert.ok(count !== null, `the echo ended after ${got} of ${bytes} bytes`);
      received.update(buffer.subarray(0, count));
      got += count;
    }
    await sending;
    assert.equal(received.digest("hex"), sent.digest("hex"), "echo");
    return 2 * bytes;
  };
}

/** The end of a recording over HTTP, against the same without a tunnel. */
async function httpClient(pair: TunnelPair): Promise<Client> {
  const device = pair.simulator.ready.devices[0]!;
  const at = ({ host, port }: Place, httpPort: number) =>
    DahuaCamera.at(host, { password: PASSWORD, port, httpPort, guard: new MemoryLoginGuard() });
  const direct = { host: device.host, port: device.dhipPort };
  const through = { host: "127.0.0.1", port: pair.ports.get(5000)! };
  const file = await recordingOf(pair);
  return async (bytes) => {
    const fetch = async (place: Place, httpPort: number) => {
      await using camera = at(place, httpPort);
      await using download = await camera.download.open(file, { from: file.bytes! - bytes });
      const hash = createHash("sha256");
      let got = 0;
      for await (const piece of download.bytes) {
        hash.update(piece);
        got += piece.length;
      }
      return { got, sha256: hash.digest("hex") };
    };
    const expected = await fetch(direct, device.httpPort!);
    assert.deepEqual(await fetch(through, pair.ports.get(80)!), expected, "HTTP");
    return expected.got;
  };
}

/** A recording over RTSP as fast as it comes, against the same without a tunnel. */
async function rtspClient(pair: TunnelPair): Promise<Client> {
  const device = pair.simulator.ready.devices[0]!;
  const { start } = await recordingOf(pair);
  return async (bytes) => {
    const seconds = Math.ceil(bytes / PLAYBACK_RATE);
    const path = playbackPath({ channel: 1, subtype: 0 }, start!, start!.add({ seconds }));
    const play = async (host: string, port: number) => {
      const rtsp = new RawRtsp(await tcpDialer(host).dial(port));
      rtsp.password = PASSWORD;
      await rtsp.play(path, { "Rate-Control": "no" });
      await rtsp.gather(() => rtsp.rtcp.at(-1)?.[45] === GOODBYE);
      rtsp.close();
      // Packets' heads have random numbers.
      const hashes = [0, 2].map((channel) => {
        const hash = createHash("sha256");
        for (const packet of rtsp.rtp) {
          if (packet.channel === channel) hash.update(packet.payload);
        }
        return hash.digest("hex");
      });
      return { hashes, got: rtsp.rtp.reduce((sum, { payload }) => sum + payload.length, 0) };
    };
    const expected = await play(device.host, device.rtspPort!);
    assert.deepEqual(await play("127.0.0.1", pair.ports.get(554)!), expected, "RTSP");
    return expected.got;
  };
}

/** Calls with long answers, several at once, against the same without a tunnel. */
function dhipClient(pair: TunnelPair): Client {
  const device = pair.simulator.ready.devices[0]!;
  const open = (host: string, port: number) =>
    RpcSession.open(tcpDialer(host), { user: "admin", password: PASSWORD }, {
      port,
      guard: new MemoryLoginGuard(),
      timeout: 60_000,
    });
  const ask = async (session: RpcSession) =>
    JSON.stringify(await session.call("configManager.getConfig", { name: "All" }));
  return async (bytes) => {
    await using direct = await open(device.host, device.dhipPort);
    const expected = await ask(direct);
    await using session = await open("127.0.0.1", pair.ports.get(5000)!);
    let got = 0;
    await Promise.all(Array.from({ length: 4 }, async () => {
      while (got < bytes) {
        got += expected.length;
        assert.equal(await ask(session), expected, "DHIP");
      }
    }));
    return got;
  };
}

/** Two of each. */
export async function eightClients(pair: TunnelPair): Promise<Client[]> {
  return [
    echoClient(pair, 1),
    await httpClient(pair),
    await rtspClient(pair),
    dhipClient(pair),
    echoClient(pair, 2),
    await httpClient(pair),
    await rtspClient(pair),
    dhipClient(pair),
  ];
}

/** The device's first recording since yesterday. */
async function recordingOf({ simulator }: TunnelPair): Promise<Recording> {
  const { host, dhipPort } = simulator.ready.devices[0]!;
  await using camera = DahuaCamera.at(host, {
    password: PASSWORD,
    port: dhipPort,
    guard: new MemoryLoginGuard(),
  });
  const from = Temporal.Now.plainDateTimeISO().subtract({ days: 1 });
  for await (const found of camera.recordings.find({ from, to: from.add({ hours: 6 }) })) {
    return found;
  }
  throw new Error("The simulator has no recordings");
}

/** Sends and reads for as long as it can, whatever comes. */
export async function endless(
  port: number,
): Promise<{ readonly flows: Promise<void>; readonly ended: Promise<void> }> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  const flowing = Promise.withResolvers<void>();
  const write = async () => {
    const bytes = new Uint8Array(1 << 16);
    try {
      for (;;) await tcp.write(bytes);
    } catch {
      // over
    }
  };
  const read = async () => {
    const buffer = new Uint8Array(1 << 16);
    try {
      for (let got = 0, count; (count = await tcp.read(buffer)) !== null;) {
        if ((got += count) > MUCH) flowing.resolve();
      }
    } catch {
      // broken, which is an end as well
    }
    tcp.close();
  };
  return { flows: flowing.promise, ended: Promise.all([write(), read()]).then(() => {}) };
}
