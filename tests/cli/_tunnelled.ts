/** Command lines against a simulated camera that is reached by its serial number. */

import { library } from "../../lib/cli/devices.ts";
import { processIo } from "../../lib/cli/process_io.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

/** Password of the camera; looks like no other text. */
export const PASSWORD = "cAnary-tunnel/Ω";

/** A camera behind a cloud, and command lines that know that cloud. */
export interface Site extends AsyncDisposable {
  readonly simulator: Simulator;
  /** `sn:SERIAL`. */
  readonly target: string;
  /** `HOST:PORT`, for comparison. */
  readonly address: string;
  /** A folder of its own. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a line in which `SN` is the target and `@/` the folder. */
  run(line: readonly string[], around?: FakeSurroundings): Promise<Ran>;
}

/** Starts one; ports of the camera are open on `host` as well. */
export async function site(options: SimulatorOptions = {}): Promise<Site> {
  const simulator = await Simulator.start({
    dhipPort: 0,
    httpPort: 0,
    httpsPort: 0,
    rtspPort: 0,
    p2pPort: 0,
    ...options,
    password: PASSWORD,
  });
  const folder = await Deno.makeTempDir({ prefix: "dhip-test-" });
  const { serial, host, dhipPort } = simulator.devices[0]!;
  const { cloud } = simulator.ready;
  const target = `sn:${serial}`;
  const env = {
    DHIP_PASSWORD: PASSWORD,
    DHIP_CLOUD_HOST: cloud!.host,
    DHIP_CLOUD_PORT: String(cloud!.port),
    DHIP_CLOUD_USER: cloud!.username,
    DHIP_CLOUD_KEY: cloud!.key,
    NO_COLOR: "1",
  };
  const state = memoryState();
  return {
    simulator,
    target,
    address: `${host}:${dhipPort}`,
    folder,
    env,
    run: (line, around = {}) =>
      cli(line.map((word) => word === "SN" ? target : word.replace("@/", `${folder}/`)), {
        ...around,
        env: { ...env, ...around.env },
        io: { files: processIo(new AbortController().signal).files, ...around.io },
        library: { ...library, state: () => Promise.resolve(state), ...around.library },
      }),
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
