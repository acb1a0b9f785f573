/** The README is true: its shell blocks run, its tables are those of the code. */

import assert from "node:assert/strict";
import { ERROR_CODES } from "../../lib/errors.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { withErrorTables } from "../../scripts/error_table.ts";
import { privateHome, writeShim } from "../support/cli_process.ts";

const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

/** The addresses that stand for the reader's cameras, and where the simulated ones are. */
const CAMERAS = { "192.168.1.108": "127.77.40.1", "192.168.1.109": "127.77.40.2" };
/** Serial number that stands for the reader's first camera, at a simulated cloud. */
const SERIAL = "6K04D1FPAG00108";
/** Ports that nobody needs to be root for; the simulated cameras have the others as usual. */
const HTTP_PORT = 8080;
const RTSP_PORT = 8554;
const PASSWORD = "readme-secret";

const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1]!);

Deno.test("the README has shell blocks to run", () => assert.ok(blocks.length >= 5));

for (const [index, block] of blocks.entries()) {
  Deno.test(`README shell block ${index + 1} runs: ${block.split("\n")[0]}`, async () => {
    await using simulator = await Simulator.start({
      password: PASSWORD,
      host: CAMERAS["192.168.1.108"],
      devices: [{ serial: SERIAL }, {}],
      dhipPort: 5000,
      httpPort: HTTP_PORT,
      discoveryPort: 37810,
      rtspPort: RTSP_PORT,
      p2pPort: 0,
      eventsEvery: 200,
      bootTime: 200,
    });
    const { cloud } = simulator.ready;
    await using home = await privateHome();
    await writeShim(home.path);
    const script = Object.entries(CAMERAS)
      .reduce((text, [address, simulated]) => text.replaceAll(address, simulated), block);
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", script],
      cwd: home.path,
      clearEnv: true,
      env: {
        ...home.env,
        PATH: `${home.path}:${home.env.PATH}`,
        DHIP_PASSWORD: PASSWORD,
        DHIP_HTTP_PORT: String(HTTP_PORT),
        DHIP_RTSP_PORT: String(RTSP_PORT),
        DHIP_CLOUD_HOST: cloud!.host,
        DHIP_CLOUD_PORT: String(cloud!.port),
        DHIP_CLOUD_USER: cloud!.username,
        DHIP_CLOUD_KEY: cloud!.key,
      },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    const output = `${text.decode(stdout)}${text.decode(stderr)}`;
    assert.ok(success, output);
    assert.ok(stdout.length > 0, "a block of the README shows something");
    assert.ok(!output.includes(PASSWORD), "the password shows");
    const stats = simulator.stats();
    assert.equal(stats.sessionsOpen, 0, "every login was logged out");
  });
}

Deno.test("README and code have the same tables of exit codes and error codes", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "--line-width=100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = command.stdin.getWriter();
  await writer.write(new TextEncoder().encode(withErrorTables(readme)));
  await writer.close();
  const { stdout } = await command.output();
  assert.equal(new TextDecoder().decode(stdout), readme, "run: deno task error-table");
  for (const code of Object.keys(ERROR_CODES)) assert.ok(readme.includes(`\`${code}\``), code);
});

Deno.test("every error code is used by the code", async () => {
  const used = new Set<string>();
  const read = async (folder: URL): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
      if (entry.isDirectory) await read(url);
      else if (entry.name !== "error_codes.ts") {
        for (const [code] of (await Deno.readTextFile(url)).matchAll(/\bDHIP_[A-Z0-9_]+/g)) {
          used.add(code);
        }
      }
    }
  };
  await read(new URL("../../lib/", import.meta.url));
  assert.deepEqual(Object.keys(ERROR_CODES).filter((code) => !used.has(code)), []);
});
