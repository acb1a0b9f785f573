/** What a host knows of the network, with and without the permission to ask for it. */

import assert from "node:assert/strict";
import { addressOf, ownAddresses } from "../../lib/p2p/_own_network.ts";

/** Runs a program that has `room` to itself, with these permissions and no others. */
async function alone(permissions: readonly string[], program: string): Promise<string> {
  const module = new URL("../../lib/p2p/_own_network.ts", import.meta.url).href;
  await using stack = new AsyncDisposableStack();
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  stack.defer(() => Deno.remove(file));
  await Deno.writeTextFile(file, `import * as room from "${module}";\n${program}`);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...permissions, file],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return `${text.decode(stdout)}${text.decode(stderr)}`.trim();
}

Deno.test("a device is told the addresses that it may reach, and at least one", () => {
  const addresses = ownAddresses();
  assert.ok(addresses.length > 0);
  for (const address of addresses) assert.match(address, /^\d+(\.\d+){3}$/);
  const isOnly = addresses.length === 1 && addresses[0] === "127.0.0.1";
  assert.ok(isOnly || addresses.every((address) => !/^(127|169\.254)\./.test(address)));
});

Deno.test("without permission to see the interfaces the way through the cloud is left", async () => {
  assert.equal(await alone([], "console.log(room.ownAddresses().join());"), "127.0.0.1");
});

Deno.test("an address is not looked up", async () => {
  assert.equal(await addressOf("192.0.2.7"), "192.0.2.7");
});

const TELL = `await room.addressOf("cloud.invalid").catch(
  ({ code, message, hint, retryable }) => console.log(code, retryable, message, "|", hint),
);`;

Deno.test("a name that nobody knows is told as the cloud's", async () => {
  assert.match(
    await alone(["--allow-net"], TELL),
    /^DHIP_UNREACHABLE true .*cloud\.invalid is not known \| Check the cloud's profile/,
  );
});

Deno.test("a name that may not be looked up is told as a matter of permission", async () => {
  assert.match(
    await alone([], TELL),
    /^DHIP_UNREACHABLE false No permission .*cloud\.invalid \| Run with --allow-net/,
  );
});
