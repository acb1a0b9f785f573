/** A picture of each of 100 simulated cameras at once, by one process. */

import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { privateHome } from "../support/cli_process.ts";
import { atLeast, atMost, type Row } from "./_harness.ts";
import { startServer } from "./_process.ts";

const root = new URL("../../", import.meta.url);
const CAMERAS = 100;

interface Ready {
  readonly devices: readonly { host: string; dhipPort: number; httpPort: number }[];
}

export async function run(): Promise<Row[]> {
  const ports = ["--dhip-port", "0", "--http-port", "0"];
  await using simulator = await startServer(
    "cli.ts",
    ...["simulate", ...ports, "--devices", `${CAMERAS}`],
  );
  await using home = await privateHome();
  const { devices } = JSON.parse(simulator.firstLine) as Ready;
  const targets = devices.map(({ host, dhipPort }) => `${host}:${dhipPort}`).join(",");
  const peak = await peakMemory([
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "-P=cli", "cli.ts", "snapshot", targets],
    ...["--http-port", `${devices[0]!.httpPort}`, "--concurrency", `${CAMERAS}`],
    `${home.path}/{host}.jpg`,
  ], { ...home.env, DHIP_PASSWORD: "admin54321" });
  let whole = 0;
  for await (const { name } of Deno.readDir(home.path)) {
    if (!name.endsWith(".jpg")) continue;
    if (inspectJpeg(await Deno.readFile(`${home.path}/${name}`)).kind === "complete") whole++;
  }
  return [
    atLeast(`whole pictures of ${CAMERAS} cameras at once`, whole, CAMERAS, "files"),
    atMost("most RSS of the process that took them", peak, 200, "MB"),
  ];
}

/** Deno may not look into /proc without all permissions, so that a shell does. */
const WATCH = `
  "$@" > /dev/null &
  while line=$(grep VmHWM /proc/$!/status 2> /dev/null); do last=$line; sleep 0.02; done
  wait $! && echo "$last"
`;

/** The most memory that a program had, in MB, as Linux counts it up to shortly before its end. */
async function peakMemory(command: string[], env: Record<string, string>): Promise<number> {
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", WATCH, "bash", ...command],
    cwd: root,
    env,
    stdin: "null",
    stderr: "inherit",
  }).output();
  const kilobytes = Number(/^VmHWM:\s*(\d+) kB$/m.exec(new TextDecoder().decode(stdout))?.[1]);
  return kilobytes * 1024 / 1e6; // not a number, and so no goal met, when nothing was measured
}
