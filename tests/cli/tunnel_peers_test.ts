/** RTSP through a tunnel into programs that nobody here wrote. */

import assert from "node:assert/strict";
import { dhip, privateHome } from "../support/cli_process.ts";
import { peerTest, run } from "../support/peers.ts";
import { PASSWORD, site } from "./_tunnelled.ts";

const HOST = "127.77.95.1";

for (const way of ["direct", "relay"]) {
  peerTest(`ffmpeg plays through dhip tunnel (${way}) what it can decode`, ["ffmpeg"], async () => {
    await using at = await site({ host: HOST, mainVideo: "H.264" });
    await using home = await privateHome();
    const file = `${home.path}/a.mkv`;
    // A variable of the user's own: dhip only keeps those that it takes secrets from.
    const url = "rtsp://admin:${CAMERA}@{host}:{port}/cam/realmonitor?channel=1&subtype=0";
    const command = `ffmpeg -v error -rtsp_transport tcp -i "${url}" -t 2 -c copy -y ${file}`;
    const { code, stderr } = await dhip(
      ["tunnel", at.target, "-L", "0:rtsp", `--${way}`, "--exec", command],
      { env: { ...home.env, ...at.env, CAMERA: encodeURIComponent(PASSWORD) } },
    );
    assert.equal(code, 0, stderr);
    await run("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
    const counted = await run("ffprobe", [
      ...["-v", "error", "-select_streams", "v", "-count_frames"],
      ...["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", file],
    ]);
    assert.ok(Number.parseInt(counted) >= 40, counted);
  });
}

peerTest("dhip record by serial number writes what ffmpeg decodes", ["ffmpeg"], async () => {
  await using at = await site({ host: HOST, mainVideo: "H.265" });
  await using home = await privateHome();
  const file = `${home.path}/b.mp4`;
  const line = ["record", at.target, file, "--duration", "2", "--via", "rtsp", "-o", "json"];
  const { code, stdout, stderr } = await dhip(line, { env: { ...home.env, ...at.env } });
  assert.equal(code, 0, stderr);
  const { frames, gapCount, source } = JSON.parse(stdout);
  assert.deepEqual([gapCount, source], [0, "rtsp"]);
  assert.ok(frames >= 45, String(frames));
  await run("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
});
