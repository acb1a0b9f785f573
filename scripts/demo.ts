/**
 * Shows the tool at work: starts a simulated camera and runs real commands against it.
 *
 *     deno task demo [PROGRAM]
 *
 * PROGRAM is a dhip that was built, `dist/dhip` for example; it then runs in an environment without
 * any variable but those shown. By default the source runs.
 */

import { resolve } from "node:path";

import { blue, bold, dim } from "./_style.ts";

const root = new URL("../", import.meta.url);
const PASSWORD = "admin54321";
const WRONG = "admin12345";
/** Address of the simulated camera; tests take one of their own. */
const HOST = Deno.env.get("DHIP_DEMO_HOST") ?? "127.0.0.1";

/** A command line as a person would type it; environment assignments may stand in front. */
interface Scene {
  readonly says: string;
  readonly line: (target: string, serial: string) => string;
  /** Exit code that the scene is about. */
  readonly ends?: number;
}

const SCENES: Scene[] = [
  { says: "What is this camera, and how does it fare?", line: (t) => `dhip info ${t}` },
  {
    says: "A wrong password is explained, and sent only once",
    line: (t) => `DHIP_PASSWORD=${WRONG} dhip info ${t}`,
    ends: 4,
  },
  {
    says: "A picture, checked from its first to its last byte",
    line: (t) => `dhip snapshot ${t} gate.jpg`,
  },
  {
    says: "Two seconds of video, without ffmpeg",
    line: (t) => `dhip record ${t} gate.mp4 --duration 2`,
  },
  {
    says: "The same camera by its serial number: behind any router, and no port is open",
    line: (_, serial) => `dhip record sn:${serial} far.mp4 --duration 2`,
  },
  {
    says: "What happens, as it happens",
    line: (t) => `dhip events ${t} --max-events 3`,
  },
  {
    says: "Turn it, and see where it stands",
    line: (t) => `dhip ptz goto ${t} --pan 20 --tilt 30 --verify`,
  },
  {
    says: "What did it record today?",
    line: (t) => `dhip files ${t} --from -2h --limit 3`,
  },
  { says: "What is wrong with it? Nothing much", line: (t) => `dhip doctor ${t}` },
  {
    says: "Change a setting: what it was and what it is to be; nothing is written yet",
    line: (t) => `dhip config set ${t} NTP.Enable=true NTP.Address=ntp.example.org --dry-run`,
  },
  {
    says: "Call any method; the answer is JSON for the next program",
    line: (t) => `dhip call ${t} configManager.getConfig --params '{"name":"NTP"}' -o json`,
  },
  {
    says: "Several devices at once, as a spreadsheet; one of them is not there",
    line: (t) => `dhip info ${t},127.0.0.1:1 -o csv`,
    ends: 6,
  },
];

const [built] = Deno.args;
const source = ["run", "--quiet", "--no-prompt", "-P=cli", new URL("cli.ts", root).pathname];
const dhip = built === undefined ? [Deno.execPath(), ...source] : [resolve(built)];
/** Windows starts nothing without some of its variables. */
const clearEnv = built !== undefined && Deno.build.os !== "windows";
/** Where a portable file is unpacked. */
const cache = { DHIP_CACHE: Deno.env.get("DHIP_CACHE") ?? "" };

/** Splits a command line as a shell does, as far as the scenes need it. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

interface Camera {
  readonly child: Deno.ChildProcess;
  readonly target: string;
  readonly serial: string;
  /** Settings that name its ports, and the cloud that knows its serial number. */
  readonly ports: Record<string, string>;
}

async function startSimulator(): Promise<Camera> {
  const child = new Deno.Command(dhip[0]!, {
    args: [
      ...dhip.slice(1),
      "simulate",
      ...["--host", HOST],
      ...["--dhip-port", "0", "--http-port", "0", "--rtsp-port", "0", "--p2p-port", "0"],
      ...["--events-every", "400ms"],
    ],
    cwd: root,
    clearEnv,
    env: cache,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let ready = "";
  while (!ready.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The simulator ended before it was ready");
    ready += value;
  }
  reader.cancel();
  const { host, dhipPort, httpPort, rtspPort, cloud, devices } = JSON.parse(ready);
  const ports = {
    DHIP_HTTP_PORT: `${httpPort}`,
    DHIP_RTSP_PORT: `${rtspPort}`,
    DHIP_CLOUD_HOST: cloud.host,
    DHIP_CLOUD_PORT: `${cloud.port}`,
    DHIP_CLOUD_USER: cloud.username,
    DHIP_CLOUD_KEY: cloud.key,
  };
  return { child, target: `${host}:${dhipPort}`, serial: devices[0].serial, ports };
}

async function play(scene: Scene, { target, serial, ports }: Camera): Promise<boolean> {
  const line = scene.line(target, serial);
  console.log(`\n${dim(`# ${scene.says}`)}\n${blue("$")} ${bold(line)}`);
  const all = words(line);
  const env: Record<string, string> = {
    DHIP_PASSWORD: PASSWORD,
    DHIP_OUTPUT: "table",
    ...ports,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: home,
    ...cache,
  };
  while (/^[A-Z_]+=/.test(all[0]!)) {
    const [name, value] = all.shift()!.split("=") as [string, string];
    env[name] = value;
  }
  const { code } = await new Deno.Command(dhip[0]!, {
    args: [...dhip.slice(1), ...all.slice(1)],
    cwd: home, // pictures and videos stay there
    clearEnv,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) console.log(dim(`(exit code ${code})`));
  return code === (scene.ends ?? 0);
}

// What the demo makes `dhip` remember is nobody's business afterwards.
const home = await Deno.makeTempDir({ prefix: "dhip-demo-" });
const camera = await startSimulator();
let right = true;
try {
  console.log(
    `${bold("dhip")} against a simulated camera on ${camera.target}.\n` +
      `DHIP_PASSWORD=${PASSWORD}, DHIP_OUTPUT=table, the camera's ports and its P2P cloud are set.`,
  );
  for (const scene of SCENES) right = await play(scene, camera) && right;
  console.log(`
${dim("# Your turn. In one terminal:")}
deno task dhip simulate
${dim("# In another:")}
DHIP_PASSWORD=${PASSWORD} deno task dhip info 127.0.0.1
${dim("# Without Deno installed, write npx -y deno@2.9.6 for deno.")}`);
} finally {
  camera.child.kill("SIGTERM");
  await camera.child.status;
  await Deno.remove(home, { recursive: true });
}
if (!right) {
  console.error("A command of the demo did not end as it should.");
  Deno.exit(1);
}
