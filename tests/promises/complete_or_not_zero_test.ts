/** Promise 3: what is kept is complete, or the exit code says otherwise. */

import assert from "node:assert/strict";
import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { type FaultSpec, Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { DHIP, dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { between, scaled, seeded } from "../support/random.ts";

const PASSWORD = "right-one";

interface Camera extends AsyncDisposable {
  readonly simulator: Simulator;
  /** The words of a picture into a folder of its own. */
  readonly line: readonly string[];
  readonly env: Record<string, string>;
  readonly folder: string;
  /** Names in the folder. */
  files(): Promise<string[]>;
}

async function camera(options: SimulatorOptions = {}): Promise<Camera> {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await privateHome());
  const simulator = stack.use(
    await Simulator.start({ password: PASSWORD, httpPort: 0, ...options }),
  );
  const folder = `${home.path}/pictures`;
  await Deno.mkdir(folder);
  const { host, dhipPort, httpPort } = simulator.devices[0]!;
  return {
    simulator,
    folder,
    line: ["snapshot", `${host}:${dhipPort}`, "--http-port", `${httpPort}`, `${folder}/x.jpg`],
    env: { ...home.env, DHIP_PASSWORD: PASSWORD },
    files: async () => (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const FAILURES: readonly {
  readonly what: string;
  readonly fault: FaultSpec;
  readonly via: "cgi" | "rpc";
  readonly exit: number;
}[] = [
  { what: "cut short by the device", fault: "truncated-picture:times=1000", via: "cgi", exit: 7 },
  { what: "cut short by the device", fault: "truncated-picture:times=1000", via: "rpc", exit: 7 },
  { what: "cut by the network", fault: "truncated-body:times=1000", via: "cgi", exit: 3 },
  { what: "too slow", fault: "slow-body:size=16,pause=200", via: "cgi", exit: 3 },
  { what: "a web page", fault: "html-instead", via: "cgi", exit: 5 },
];

for (const { what, fault, via, exit } of FAILURES) {
  Deno.test(`a picture that is ${what} (${via}) is no file and exit code ${exit}`, async () => {
    await using device = await camera({ faults: [fault] });
    const { code, stderr } = await dhip([...device.line, `--via=${via}`, "--deadline=3"], device);
    assert.equal(code, exit, stderr);
    assert.deepEqual(await device.files(), []);
  });
}

Deno.test("a picture that comes whole at the second attempt is kept, and only that", async () => {
  await using device = await camera({ faults: ["truncated-picture:times=1"] });
  const { code, stdout, stderr } = await dhip([...device.line, "--via=cgi"], device);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout)[0].attempts, 2);
  assert.deepEqual(await device.files(), ["x.jpg"]);
  assert.equal(inspectJpeg(await Deno.readFile(`${device.folder}/x.jpg`)).kind, "complete");
});

Deno.test("a disk that takes no more: no file, and the one before is still there", async () => {
  await using device = await camera();
  const before = `${device.folder}/x.jpg`;
  await Deno.writeTextFile(before, "the picture before");
  // 8 KiB for each file; beyond that a write fails, as on a full disk.
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "bash", ...DHIP, ...device.line],
    clearEnv: true,
    env: device.env,
    stdin: "null",
  }).output();
  assert.equal(code, 1, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stderr), /DHIP_FILE.*x\.jpg cannot be written/);
  assert.deepEqual(await device.files(), ["x.jpg"]);
  assert.equal(await Deno.readTextFile(before), "the picture before");
});

Deno.test("an interrupted picture is no file", async () => {
  await using device = await camera({ faults: ["slow-body:size=100,pause=50"] });
  const child = startDhip([...device.line, "--via=cgi"], device);
  const output = child.output();
  while ((device.simulator.stats().connections ?? 0) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGINT");
  assert.equal((await output).code, 130);
  assert.deepEqual(await device.files(), []);
});

Deno.test("whenever dhip is killed, a file of that name is a whole picture", async () => {
  await using device = await camera();
  const random = seeded(Number(Deno.env.get("DHIP_TEST_SEED") ?? 24));
  for (let round = 0; round < Math.max(3, scaled(50)); round++) {
    const child = startDhip([...device.line, "--every=1s", "--count=3", "--quiet"], device);
    const output = child.output();
    await new Promise((resolve) => setTimeout(resolve, between(random, 0, 2_500)));
    try {
      child.kill("SIGKILL");
    } catch {
      // it was done before
    }
    await output;
    for (const name of await device.files()) {
      if (!name.endsWith(".jpg")) continue;
      const { kind } = inspectJpeg(await Deno.readFile(`${device.folder}/${name}`));
      assert.equal(kind, "complete");
    }
  }
});
