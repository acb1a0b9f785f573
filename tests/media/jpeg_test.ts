import assert from "node:assert/strict";
import fc from "fast-check";
import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { picture } from "../support/jpeg.ts";
import { peerTest, temporaryFolder } from "../support/peers.ts";

const vectors = JSON.parse(
  await Deno.readTextFile(new URL("../vectors/jpeg.json", import.meta.url)),
) as { pictures: { name: string; base64: string }[] };

const kindOf = (bytes: Uint8Array) => inspectJpeg(bytes).kind;

for (const { name, base64 } of vectors.pictures) {
  const bytes = Uint8Array.fromBase64(base64);

  Deno.test(`a picture of cjpeg is whole: ${name}`, () => {
    assert.deepEqual(inspectJpeg(bytes), {
      kind: "complete",
      width: 48,
      height: 27,
      length: bytes.length,
    });
  });

  Deno.test(`cut at any byte it is truncated and nothing else: ${name}`, () => {
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(kindOf(bytes.subarray(0, length)), "truncated", `${length} bytes`);
    }
  });

  Deno.test(`what follows the picture does not count: ${name}`, () => {
    const padded = new Uint8Array([...bytes, 0, 0, 13, 10]);
    const verdict = inspectJpeg(padded);
    assert.ok(verdict.kind === "complete");
    assert.equal(verdict.length, bytes.length);
  });
}

Deno.test("other things are garbage, and the reason says why", () => {
  const reason = (...bytes: number[]) => {
    const verdict = inspectJpeg(Uint8Array.from(bytes));
    return verdict.kind === "garbage" ? verdict.reason : verdict.kind;
  };
  const text = (text: string) => reason(...new TextEncoder().encode(text));
  assert.match(text("<html></html>"), /does not begin/);
  assert.match(text("Error\r\nBad Request!\r\n"), /does not begin/);
  assert.match(reason(0xff, 0xd8, 0xff, 0xd9), /no picture data/);
  assert.match(reason(0xff, 0xd8, 0x00, 0x00), /no marker at byte 2/);
  assert.match(reason(0xff, 0xd8, 0xff, 0xe0, 0, 1), /header of 1 bytes/);
  assert.match(reason(0xff, 0xd8, 0xff, 0xd8), /second picture/);
  assert.match(reason(0xff, 0xd8, 0xff, 0xd0), /stray marker/);
  assert.match(reason(0xff, 0xd8, 0xff, 0xda, 0, 3, 1, 5, 0xff, 0xd9), /before the frame header/);
  const frame = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 0, 0, 16, 1, 1, 0x11, 0];
  assert.match(reason(...frame), /size is 0/);
  const sized = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0];
  assert.match(reason(...sized, 0xff, 0xd9), /no picture data/);
  assert.match(reason(...sized, 0xff, 0xda, 0, 3, 1, 0xff, 0xd9), /no picture data/, "empty scan");
  assert.equal(reason(...sized, 0xff, 0xda, 0, 3, 1, 7, 0xff, 0xd9), "complete");
});

Deno.test("any bytes get a verdict", () => {
  const whole = picture();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    assert.notEqual(kindOf(bytes), undefined);
    assert.notEqual(kindOf(new Uint8Array([0xff, 0xd8, ...bytes])), undefined);
  }));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const damaged = whole.slice();
      damaged[at] = value;
      const verdict = inspectJpeg(damaged);
      if (verdict.kind === "complete") assert.ok(verdict.length <= damaged.length);
    }),
    { numRuns: 500 },
  );
});

peerTest("djpeg decodes what is said to be whole", ["djpeg"], async () => {
  await using folder = await temporaryFolder();
  for (const { name, base64 } of vectors.pictures) {
    const file = `${folder.path}/picture.jpg`;
    await Deno.writeFile(file, Uint8Array.fromBase64(base64));
    const { success, stdout } = await new Deno.Command("djpeg", {
      args: ["-pnm", file],
      stdin: "null",
    }).output();
    assert.ok(success, name);
    assert.match(new TextDecoder().decode(stdout.subarray(0, 9)), /^P[56]\n48 27\n/, name);
  }
});
