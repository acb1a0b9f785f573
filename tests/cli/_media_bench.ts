/** The simulator with streams and recordings, a folder, and the command line between them. */

import { library } from "../../lib/cli/devices.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { temporaryFolder } from "../support/peers.ts";
import { files } from "./_recorder.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

export const PASSWORD = "media canary";

export class MediaBench implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly simulator: Simulator;
  readonly folder: string;

  private constructor(stack: AsyncDisposableStack, simulator: Simulator, folder: string) {
    this.#stack = stack;
    this.simulator = simulator;
    this.folder = folder;
  }

  static async start(host: string, options: SimulatorOptions = {}): Promise<MediaBench> {
    const stack = new AsyncDisposableStack();
    const simulator = stack.use(
      await Simulator.start({ host, password: PASSWORD, httpPort: 0, ...options }),
    );
    return new MediaBench(stack, simulator, stack.use(await temporaryFolder()).path);
  }

  /** Runs a line; the target is put behind the command, and `@/` is the folder. */
  async run(
    words: readonly string[],
    around: FakeSurroundings = {},
    target?: string,
  ): Promise<Ran> {
    const { host, dhipPort, httpPort } = this.simulator.devices[0]!;
    const [command, ...rest] = words.map((word) => word.replace(/^@(?=\/)/, this.folder));
    const where = target === undefined
      ? [`${host}:${dhipPort}`, `--http-port=${httpPort}`]
      : [target];
    return await cli([command!, ...where, ...rest], {
      ...around,
      env: { DHIP_PASSWORD: PASSWORD },
      library: { ...library, state: () => Promise.resolve(memoryState()) },
      io: { files, now: () => Date.now(), ...around.io },
    });
  }

  async names(): Promise<string[]> {
    return (await files.list(this.folder)).map(({ name }) => name).sort();
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
