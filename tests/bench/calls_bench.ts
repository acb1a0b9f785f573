/** Calls against a simulator in its own process, beside a bare TCP echo. */

import { RpcSession } from "../../lib/dhip/session.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { atLeast, atMost, fastestSeconds, type Row } from "./_harness.ts";
import { startServer } from "./_process.ts";

const CALLS = 3_000;

export async function run(): Promise<Row[]> {
  await using echo = await startServer("tests/bench/_echo_server.ts");
  await using simulator = await startServer("cli.ts", "simulate", "--dhip-port", "0");
  const { dhipPort } = JSON.parse(simulator.firstLine);
  await using session = await RpcSession.open(
    tcpDialer("127.0.0.1"),
    { user: "admin", password: "admin54321" },
    { port: dhipPort },
  );
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(echo.firstLine) });
  const request = new Uint8Array(120);
  const buffer = new Uint8Array(64 * 1024);
  const call = () => session.call("magicBox.getDeviceType");

  const [echoed, sequential, parallel] = await fastestSeconds(
    9,
    async () => {
      for (let i = 0; i < CALLS; i++) {
        await socket.write(request);
        for (let got = 0; got < request.length;) got += (await socket.read(buffer))!;
      }
    },
    async () => {
      for (let i = 0; i < CALLS; i++) await call();
    },
    async () => {
      let left = CALLS * 4;
      await Promise.all(Array.from({ length: 64 }, async () => {
        while (left-- > 0) await call();
      }));
    },
  );
  const rows = [
    atMost("a sequential call, over a TCP echo", sequential! / echoed!, 2, "x"),
    atLeast("64 calls in flight, over sequential", sequential! * 4 / parallel!, 8, "x"),
  ];

  const memory = async (calls: number) => {
    let left = calls;
    await Promise.all(Array.from({ length: 16 }, async () => {
      while (left-- > 0) await call();
    }));
    return Deno.memoryUsage().rss / 1e6;
  };
  const early = await memory(20_000);
  const late = await memory(180_000);
  rows.push(atMost("RSS after 200 000 calls, above that after 20 000", late - early, 20, "MB"));
  return rows;
}
