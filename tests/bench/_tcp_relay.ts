/** A plain relay: copies between each client and HOST:PORT. */

const [hostname, port] = Deno.args as [string, string];
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log((listener.addr as Deno.NetAddr).port);

async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
    }
  } catch {
    // one of them has left
  }
}

for await (const client of listener) {
  const server = await Deno.connect({ hostname, port: Number(port) });
  Promise.all([copy(client, server), copy(server, client)]).then(() => {
    client.close();
    server.close();
  });
}
