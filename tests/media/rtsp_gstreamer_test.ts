/** Our RTSP client against GStreamer's RTSP server, and what it received against ffmpeg. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Authenticator } from "../../lib/http/authenticator.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { readSps } from "../../lib/media/sps.ts";
import { RtspStream } from "../../lib/media/rtsp/rtsp_stream.ts";
import type { MediaUnit } from "../../lib/media/rtsp/track.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

const HOST = "127.77.31.1";
/** Debian's own: the Python that has GStreamer's bindings. */
const PYTHON = "/usr/bin/python3";
const BINDINGS = "/usr/lib/x86_64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib";
const PASSWORD = 'p:"w\\d ü/@';

const PICTURE = "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1";
const SOUND = "audiotestsrc is-live=true ! audio/x-raw,channels=1,rate";
const H264 = `${PICTURE} ! x264enc tune=zerolatency key-int-max=25 ! rtph264pay name=pay0 pt=96`;
const H265 = `${PICTURE} ! x265enc tune=zerolatency key-int-max=25 ! h265parse ! ` +
  "rtph265pay name=pay0 pt=96";
const ALAW = `${SOUND}=8000 ! alawenc ! rtppcmapay name=pay1 pt=8`;
const MULAW = `${SOUND}=8000 ! mulawenc ! rtppcmupay name=pay1 pt=0`;
const AAC = `${SOUND}=16000 ! avenc_aac ! rtpmp4gpay name=pay1 pt=97`;

async function serve(pipeline: string, account: string[]) {
  const child = new Deno.Command(PYTHON, {
    args: [join(import.meta.dirname!, "gst_server.py"), HOST, `( ${pipeline} )`, ...account],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    port: Number(new TextDecoder().decode(value).trim()),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

function account(password = PASSWORD): Authenticator {
  return new Authenticator({ user: "viewer", password, guard: new MemoryLoginGuard() });
}

async function receive(port: number, transport: "tcp" | "udp", seconds: number) {
  await using stream = await RtspStream.open(tcpDialer(HOST), account(), {
    path: "/cam",
    port,
    transport,
  });
  const units: MediaUnit[] = [];
  for await (const unit of stream) {
    units.push(unit);
    if (
      stream.tracks.every((track) => units.findLast((one) => one.track === track)?.time! > seconds)
    ) {
      break;
    }
  }
  return { units, tracks: stream.tracks, lost: stream.lostPackets };
}

const CASES = [
  ["H.264 and A-law", `${H264} ${ALAW}`, ["h264", "alaw"]],
  ["H.265 and µ-law", `${H265} ${MULAW}`, ["h265", "mulaw"]],
  ["H.264 and AAC", `${H264} ${AAC}`, ["h264", "aac"]],
] as const;

for (const [name, pipeline, codecs] of CASES) {
  for (const transport of ["tcp", "udp"] as const) {
    peerTest(`${name} of GStreamer's server over ${transport}, with Digest`, [
      PYTHON,
      BINDINGS,
      "ffmpeg",
    ], async () => {
      await using server = await serve(pipeline, ["viewer", PASSWORD]);
      const { units, tracks, lost } = await receive(server.port, transport, 1.5);
      assert.deepEqual(tracks.map(({ codec }) => codec), codecs);
      assert.equal(lost, 0);
      const video = units.filter(({ track }) => track.kind === "video");
      const audio = units.filter(({ track }) => track.kind === "audio");
      assert.ok(video.length > 30 && audio.length > 5);
      assert.ok(units.every(({ damaged }) => !damaged));
      assert.ok(video[0]!.key);
      // 25 pictures a second on the shared time line, and sound that begins with the picture.
      const steps = video.slice(1).map((unit, index) => unit.time - video[index]!.time);
      assert.ok(steps.every((step) => Math.abs(step - 0.04) < 0.002));
      assert.ok(Math.abs(audio[0]!.time - video[0]!.time) < 0.5);
      const [sets] = [tracks[0]!.parameterSets];
      const codec = codecs[0];
      const sizes = sets.flatMap((set) => readSps(codec, set) ?? []);
      assert.deepEqual(sizes.map(({ width, height }) => [width, height]), [[320, 240]]);

      await using folder = await temporaryFolder();
      const file = join(folder.path, "x");
      using out = await Deno.open(file, { write: true, create: true });
      for (const { data } of video) {
        for (let at = 0; at < data.length;) at += await out.write(data.subarray(at));
      }
      const format = codec === "h264" ? "h264" : "hevc";
      const check = ["-v", "error", "-f", format, "-i", file, "-f", "null", "-"];
      await run("ffmpeg", check);
      const counted = await run("ffprobe", [
        ...["-v", "error", "-f", format, "-count_frames"],
        ...["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", file],
      ]);
      assert.equal(Number(counted.trim().replace(/,$/, "")), video.length);
    });
  }
}

peerTest("a wrong password for GStreamer's server is a refused login, asked once", [
  PYTHON,
  BINDINGS,
], async () => {
  await using server = await serve(H264, ["viewer", PASSWORD]);
  const options = { path: "/cam", port: server.port };
  const wrong = account("wrong");
  await assert.rejects(RtspStream.open(tcpDialer(HOST), wrong, options), {
    code: "DHIP_AUTH_REFUSED",
  });
  await assert.rejects(RtspStream.open(tcpDialer(HOST), wrong, options), {
    code: "DHIP_AUTH_GUARDED",
  });
  await assert.rejects(
    RtspStream.open(tcpDialer(HOST), account(), { ...options, path: "/nothing" }),
    { code: "DHIP_NOT_SUPPORTED" },
  );
});
