/** Records and length-prefixed units against ffmpeg's. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { inspectAccessUnit } from "../../lib/media/annexb.ts";
import { decoderConfig, lengthPrefixed } from "../../lib/media/decoder_config.ts";
import { joined } from "../support/dhav.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { makePictures } from "../support/test_media.ts";

const CASES = [
  ["h264", ["-profile:v", "baseline"]],
  ["h264", ["-profile:v", "high", "-preset", "medium"]],
  ["h264", ["-pix_fmt", "yuv422p10le", "-preset", "medium"]],
  ["h265", []],
  ["h265", ["-pix_fmt", "yuv420p10le"]],
] as const;

/** The content of the first box of this name, wherever it is. */
function boxOf(file: Uint8Array, name: string): Uint8Array {
  const wanted = new TextEncoder().encode(name);
  const at = file.findIndex((_, index) => wanted.every((byte, k) => file[index + k] === byte));
  const length = new DataView(file.buffer, file.byteOffset).getUint32(at - 4);
  return file.subarray(at + 4, at - 4 + length);
}

for (const [codec, options] of CASES) {
  const name = `${codec} ${options.join(" ")}`;
  peerTest(`the record of ${name} is that of ffmpeg`, ["ffmpeg"], async () => {
    await using folder = await temporaryFolder();
    const units = await makePictures(folder.path, { codec, duration: 1, options });
    const [input, output] = [join(folder.path, "in"), join(folder.path, "out.mp4")];
    await Deno.writeFile(input, joined(units));
    const format = codec === "h264" ? "h264" : "hevc";
    await run("ffmpeg", ["-v", "error", "-f", format, "-i", input, "-c", "copy", output]);
    const config = decoderConfig(codec, inspectAccessUnit(codec, units[0]!))!;
    const file = await Deno.readFile(output);
    const wanted = boxOf(file, codec === "h264" ? "avcC" : "hvcC").slice();
    const ours = config.record.slice();
    if (codec === "h265") {
      // ffmpeg keeps the encoder's SEI in the record and counts segments of pictures; we do neither.
      const arrays = wanted.findIndex((byte, at) => at > 22 && (byte & 0x3f) === 39);
      const length = arrays < 0 ? wanted.length : arrays;
      wanted[22] = ours[22] = 0;
      for (const at of [13, 14]) wanted[at] = ours[at]!;
      const plain = (bytes: Uint8Array) =>
        bytes.map((byte, at) => at > 22 && byte === 0xa0 ? 0x20 : byte);
      assert.deepEqual(plain(ours).slice(0, 22), plain(wanted).slice(0, 22));
      assert.ok(length > 22);
    } else assert.deepEqual(ours, wanted);
    assert.match(config.info.codec, codec === "h264" ? /^avc1\./ : /^hvc1\./);
  });
}

Deno.test("units stand behind their lengths, without parameter sets and delimiters", () => {
  const start = [0, 0, 0, 1];
  const unit = Uint8Array.of(
    ...[...start, 0x09, 0xf0, ...start, 0x67, 1, 2, ...start, 0x68, 3],
    ...[...start, 0x06, 9, 0, 0, 1, 0x65, 0xaa, 0xbb, 0],
  );
  assert.deepEqual(
    lengthPrefixed("h264", unit),
    Uint8Array.of(0, 0, 0, 2, 0x06, 9, 0, 0, 0, 3, 0x65, 0xaa, 0xbb),
  );
});

Deno.test("without all parameter sets there is no record", () => {
  assert.equal(decoderConfig("h264", { vps: [], sps: [], pps: [] }), undefined);
  const sps = [Uint8Array.of(0x67, 1)];
  assert.equal(decoderConfig("h264", { vps: [], sps, pps: [Uint8Array.of(0x68)] }), undefined);
});
