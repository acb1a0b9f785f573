/** A bare TCP echo in a process of its own; prints its port. */

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) {
  const buffer = new Uint8Array(64 * 1024);
  for (let n; (n = await connection.read(buffer)) !== null;) {
    await connection.write(buffer.subarray(0, n));
  }
}
