/** `dhip rtsp-url`: what other programs need, and never a password. */

import assert from "node:assert/strict";
import { cli } from "./_support.ts";

const CONFIG = `
[devices.gate]
host = "2001:db8::7"
user = "op@hall"
password = "canary-in-config"
rtsp_port = 8554
rtsp_template = "/live/{channel}/{subtype}"
`;

async function url(...args: string[]): Promise<string> {
  const file = { text: CONFIG, mode: 0o600 };
  const around = { files: { "/c.toml": file }, env: { DHIP_CONFIG: "/c.toml" } };
  const { code, out, err } = await cli(["rtsp-url", ...args, "-o", "table"], around);
  assert.equal(code, 0, err);
  assert.ok(!`${out}${err}`.includes("canary"));
  return out;
}

Deno.test("a stream's URL names channel, sub-stream and user, and no password", async () => {
  assert.equal(
    await url("192.0.2.7", "--channel", "2", "--subtype", "1"),
    "rtsp://admin@192.0.2.7/cam/realmonitor?channel=2&subtype=1\n",
  );
  assert.equal(await url("gate"), "rtsp://op%40hall@[2001:db8::7]:8554/live/1/0\n");
  assert.equal(
    await url("gate", "--template", "zenointel", "--rtsp-port", "554"),
    "rtsp://op%40hall@[2001:db8::7]/H264?ch=1&subtype=0\n",
  );
});

Deno.test("other programs get a variable in place of the password", async () => {
  assert.match(
    await url("gate", "--for", "go2rtc"),
    /gate_1: rtsp:\/\/op%40hall:\$\{CAMERA_PASSWORD\}@/,
  );
  const frigate = await url("gate", "--for", "frigate");
  assert.match(frigate, /:\{FRIGATE_RTSP_PASSWORD\}@.*\/live\/1\/0\n\s+roles: \[record\]/);
  assert.match(frigate, /\/live\/1\/1\n\s+roles: \[detect\]/);
  assert.match(await url("192.0.2.7", "--for", "vlc"), /^vlc '?rtsp:\/\/admin@192\.0\.2\.7/);
});

Deno.test("a template that is none is a usage error", async () => {
  const { code, err } = await cli(["rtsp-url", "192.0.2.7", "--template", "cam"]);
  assert.equal(code, 2);
  assert.match(err, /template/);
});
