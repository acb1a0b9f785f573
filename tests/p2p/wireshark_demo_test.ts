/** A capture of the demo, read with scripts/wireshark/dhip.lua. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

const FIELDS = [
  "dhip.method",
  "dhcloud.method",
  "dhcloud.code",
  "dhpunch.type",
  "ptcp.flags",
  "tou.type",
  "tou.status",
  "_ws.malformed",
] as const;
/** The demo's own address: other tests use loopback at the same time. */
const HOST = "127.77.51.1";

/** Captures on loopback while `work` runs; null where this user may not capture. */
async function captured(file: string, work: () => Promise<unknown>): Promise<string | null> {
  const child = new Deno.Command("tshark", {
    args: ["-i", "lo", "-q", "-w", file, "-f", `host ${HOST}`],
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
  const demo = async () => {
    const args = ["run", "--quiet", "--no-prompt", "-P=cli", here("scripts/demo.ts")];
    const env = { DHIP_DEMO_HOST: HOST };
    const { success } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    assert.ok(success);
  };
  const log = await captured(file, demo);
  if (log === null && Deno.env.get("CI") !== "true") {
    console.log("skipped: this user may not capture on loopback");
    return;
  }
  assert.ok(log !== null, "no capture on loopback");
  const text = await run("tshark", [
    ...["-X", `lua_script:${here("scripts/wireshark/dhip.lua")}`, "-r", file, "-T", "fields"],
    ...["-E", "separator=|", ...FIELDS.flatMap((field) => ["-e", field])],
  ]);
  assert.doesNotMatch(text, /lua:/i, text);
  const packets = text.split("\n").map((line) => line.split("|"));
  const count = (field: typeof FIELDS[number], value = /./) =>
    packets.filter((values) => value.test(values[FIELDS.indexOf(field)] ?? "")).length;
  for (
    const [field, value, least] of [
      ["dhip.method", /magicBox/, 1],
      ["dhcloud.method", /DHGET|DHPOST/, 6],
      ["dhcloud.code", /200/, 6],
      ["dhpunch.type", /./, 2],
      ["ptcp.flags", /0x02/, 2],
      ["tou.type", /0x11/, 1],
      ["tou.status", /CONN/, 1],
      ["tou.type", /0x10/, 10],
    ] as const
  ) {
    const found = count(field, value);
    assert.ok(found >= least, `${field} ${value}: ${found} packets`);
  }
  assert.equal(count("_ws.malformed"), 0);
});
