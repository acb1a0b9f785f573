/** The command line in process, against a simulated camera. */

import { library } from "../../lib/cli/devices.ts";
import { type PtzCommand, Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, type Ran } from "./_support.ts";

const PASSWORD = "ptz secret";

export interface Line extends AsyncDisposable {
  /** `host:port` of each camera. */
  readonly targets: readonly string[];
  /** Runs `dhip` with the words; `T` is the camera. */
  run(words: string, around?: FakeSurroundings): Promise<Ran>;
  /** Orders since the last question: `start Left 0 4 0`, `call gotoPreset`. */
  orders(): string[];
}

/** A camera; `host` is a loopback address of the test's own. */
export async function simulated(host: string, options: SimulatorOptions = {}): Promise<Line> {
  const simulator = await Simulator.start({ host, password: PASSWORD, ...options });
  const targets = simulator.devices.map((each) => `${each.host}:${each.dhipPort}`);
  let seen = 0;
  return {
    targets,
    run: (words, around = {}) =>
      cli(words.split(" ").map((word) => word === "T" ? targets[0]! : word), {
        env: { DHIP_PASSWORD: PASSWORD },
        ...around,
        library: { connect: library.connect, at: library.at },
      }),
    orders() {
      const fresh = simulator.stats().ptz.slice(seen);
      seen += fresh.length;
      return fresh.map(text);
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

function text({ action, code, args }: PtzCommand): string {
  if (action === "call") return code;
  return [action, code, args.arg1, args.arg2, args.arg3].join(" ");
}
