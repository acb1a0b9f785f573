/** Pictures of key frames: the last way to a snapshot. */

import assert from "node:assert/strict";
import { inspectJpeg } from "../../../lib/media/jpeg.ts";
import { Simulator } from "../../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../../support/cli_process.ts";
import { peerTest } from "../../support/peers.ts";

const HOST = "127.77.52.1";
const PASSWORD = "key frame canary";

async function shot(args: string[], options: { mainVideo: "H.264" | "H.265" }, path?: string) {
  await using home = await privateHome();
  await using simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    rtspPort: 0,
    httpPort: 0,
    snapshotCgi: "absent",
    ...options,
  });
  const { dhipPort, httpPort, rtspPort } = simulator.devices[0]!;
  const env = {
    ...home.env,
    DHIP_PASSWORD: PASSWORD,
    DHIP_HTTP_PORT: `${httpPort}`,
    DHIP_RTSP_PORT: `${rtspPort}`,
    ...(path === undefined ? {} : { PATH: path }),
  };
  const result = await dhip(["snapshot", `${HOST}:${dhipPort}`, "x.jpg", ...args], {
    env,
    cwd: home.path,
  });
  const jpeg = await Deno.readFile(`${home.path}/x.jpg`).catch(() => undefined);
  return { ...result, jpeg, stats: simulator.stats() };
}

for (const mainVideo of ["H.264", "H.265"] as const) {
  peerTest(
    `a key frame in ${mainVideo} becomes a picture, without a session`,
    ["ffmpeg"],
    async () => {
      const { code, jpeg, stdout, stderr, stats } = await shot(["--via", "rtsp"], { mainVideo });
      assert.equal(code, 0, stderr);
      const verdict = inspectJpeg(jpeg!);
      assert.equal(verdict.kind, "complete");
      const [picture] = JSON.parse(stdout);
      assert.deepEqual([picture.source, picture.width, picture.height], ["rtsp", 320, 180]);
      assert.equal(stats.calls["global.login"] ?? 0, 0);
    },
  );
}

Deno.test("without ffmpeg the reason is told, and no file is left", async () => {
  const { code, jpeg, stderr } = await shot(["--via", "rtsp"], { mainVideo: "H.264" }, "/nowhere");
  assert.equal(code, 5, stderr);
  assert.match(stderr, /no ffmpeg/);
  assert.equal(jpeg, undefined);
});
