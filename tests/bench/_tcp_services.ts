/** Two TCP services: what is sent to the first is thrown away; the second sends without an end. */

async function drain(client: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (await client.read(buffer) !== null);
}

async function flood(client: Deno.TcpConn): Promise<void> {
  const bytes = new Uint8Array(64 * 1024);
  for (;;) await client.write(bytes);
}

function serve(work: (client: Deno.TcpConn) => Promise<void>): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const client of listener) work(client).catch(() => {}).finally(() => client.close());
  })();
  return (listener.addr as Deno.NetAddr).port;
}

console.log(JSON.stringify([serve(drain), serve(flood)]));
