/** Command lines against a simulated camera. */

import { library } from "../../lib/cli/devices.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

/** Runs a line in which `TARGET` stands for the camera. */
export type RunOn = (line: string[], around?: FakeSurroundings) => Promise<Ran>;

/** A test with a simulated camera whose password is known. */
export async function onSimulated(
  options: SimulatorOptions,
  test: (run: RunOn, simulator: Simulator) => Promise<void>,
): Promise<void> {
  await using simulator = await Simulator.start({ password: "x", ...options });
  const { host, dhipPort } = simulator.devices[0]!;
  const state = () => Promise.resolve(memoryState());
  await test(
    (line, around = {}) =>
      cli(line.map((word) => word === "TARGET" ? `${host}:${dhipPort}` : word), {
        ...around,
        env: { DHIP_PASSWORD: "x", NO_COLOR: "1" },
        library: { ...library, state },
      }),
    simulator,
  );
}
