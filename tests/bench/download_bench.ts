/** A recording of 4 GB from a simulated recorder, and how much memory it takes. */

import { Simulator } from "../../lib/simulator/mod.ts";
import { run as runProgram, temporaryFolder } from "../support/peers.ts";
import type { Row } from "./_harness.ts";
import { startServer } from "./_process.ts";

const SIZE = 4e9;
const CLI = new URL("../../cli.ts", import.meta.url).pathname;

export async function run(): Promise<Row[]> {
  await using folder = await temporaryFolder();
  // In a process of its own: its memory and its processor are not ours.
  await using server = await startServer("tests/bench/download_bench.ts", String(SIZE));
  const { host, dhipPort, httpPort } = JSON.parse(server.firstLine);
  await Deno.writeTextFile(`${folder.path}/password`, "x\n", { mode: 0o600 });
  const start = performance.now();
  const usage = await runProgram("sh", [
    "-c",
    '"$@" >/dev/null & pid=$!; peak=0; while kill -0 $pid 2>/dev/null; do ' +
    "rss=$(awk '/VmRSS/ {print $2}' /proc/$pid/status 2>/dev/null); " +
    '[ "${rss:-0}" -gt $peak ] && peak=$rss; sleep 0.2; done; wait $pid; echo $? $peak',
    ...["sh", "env", `XDG_STATE_HOME=${folder.path}`, `DHIP_PASSWORD_FILE=${folder.path}/password`],
    ...[Deno.execPath(), "run", "--quiet", "-P=cli", CLI, "download", `${host}:${dhipPort}`],
    ...[`--http-port=${httpPort}`, "--from=2026-04-29", "--to=2026-04-29", "-c1", "--quiet"],
    ...["-o", `${folder.path}/x.dav`],
  ]);
  const seconds = (performance.now() - start) / 1000;
  const [code, peak] = usage.trim().split("\n").at(-1)!.split(" ").map(Number) as [number, number];
  const { size } = await Deno.stat(`${folder.path}/x.dav`);
  const megabytes = peak / 1024;
  return [
    {
      what: `download ${(size / 1e9).toFixed(1)} GB, ${
        (size / seconds / 1e6).toFixed(0)
      } MB/s, memory`,
      figure: `${megabytes.toFixed(0)} MB`,
      goal: "below 200 MB",
      met: code === 0 && size === SIZE && megabytes < 200,
    },
  ];
}

if (import.meta.main) {
  const length = Number(Deno.args[0]);
  const simulator = await Simulator.start({
    host: "127.77.61.9",
    password: "x",
    httpPort: 0,
    recordings: [{ start: "2026-04-29 10:00:00", end: "2026-04-29 11:00:00", length }],
  });
  const { host, dhipPort, httpPort } = simulator.devices[0]!;
  console.log(JSON.stringify({ host, dhipPort, httpPort }));
}
