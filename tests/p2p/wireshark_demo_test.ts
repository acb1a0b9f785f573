/** A capture of the demo, read with scripts/wireshark/dhip.lua. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

/** Captures on loopback while `work` runs; null where this user may not capture. */
async function captured(file: string, work: () => Promise<unknown>): Promise<string | null> {
  const child = new Deno.Command("tshark", {
    args: ["-i", "lo", "-q", "-w", file, "-f", "tcp or udp"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const { promise: begun, resolve } = Promise.withResolvers<boolean>();
  const read = async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream() as never)) {
      text += part;
      if (/Capturing on|Capture started/.test(text)) resolve(true);
    }
    resolve(false);
  };
  const reading = read();
  if (await begun) {
    await pause(500); // it says so a moment before it does so
    await work();
    await pause(500);
    child.kill("SIGINT");
  }
  const { success } = await child.status;
  await reading;
  return success ? text : null;
}

peerTest("Wireshark reads a capture of the demo", ["tshark"], async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/demo.pcapng`;
  const demo = () =>
    run(Deno.execPath(), ["run", "--quiet", "--no-prompt", "-P=cli", here("scripts/demo.ts")]);
  const log = await captured(file, demo);
  if (log === null && Deno.env.get("CI") !== "true") {
    console.log("skipped: this user may not capture on loopback");
    return;
  }
  assert.ok(log !== null, "no capture on loopback");
  const count = async (filter: string) => {
    const text = await run("tshark", [
      ...["-X", `lua_script:${here("scripts/wireshark/dhip.lua")}`, "-r", file, "-Y", filter],
      ...["-T", "fields", "-e", "frame.number"],
    ]);
    assert.doesNotMatch(text, /lua/i, text);
    return text.split("\n").filter((line) => /^\d+$/.test(line)).length;
  };
  for (
    const [filter, least] of [
      ["dhip", 10],
      ["dhcloud", 10],
      ["dhpunch", 2],
      ["ptcp.flags == 2", 2],
      ["tou.type == 0x11", 1],
      ['tou.status == "CONN"', 1],
      ["tou.type == 0x10", 20],
    ] as const
  ) {
    const found = await count(filter);
    assert.ok(found >= least, `${filter}: ${found} packets`);
  }
  assert.equal(await count("(ptcp || dhcloud || dhpunch) && _ws.malformed"), 0);
});
