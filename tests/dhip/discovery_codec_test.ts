/** Bytes of discovery, replayed from golden data. No permissions needed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type DiscoveredDevice,
  DISCOVERY_PROBES,
  isInitialised,
  LEGACY_DISCOVERY_PROBE,
  readDiscoveryAnswer,
  readLegacyDiscoveryAnswer,
} from "../../lib/dhip/discovery_codec.ts";
import { DeviceBook } from "../../lib/dhip/_device_book.ts";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { scaled } from "../support/random.ts";
import { discoveryVectors as vectors, fromHex } from "../support/vectors.ts";

const SOURCE = "192.0.2.10";

for (const vector of vectors) {
  Deno.test({
    name: `discovery vector: ${vector.name}`,
    permissions: "none",
    fn() {
      switch (vector.kind) {
        case "probe": {
          const known = [...DISCOVERY_PROBES, LEGACY_DISCOVERY_PROBE].map((probe) => probe.toHex());
          assert.ok(known.includes(vector.expected.output_hex!));
          return;
        }
        case "response": {
          const device = readDiscoveryAnswer(fromHex(vector.input_hex!), SOURCE);
          const expected = vector.expected.device;
          if (expected === null || expected === undefined) return assert.equal(device, null);
          const shown = Object.keys(expected).map((key) => [
            key,
            device![key as keyof DiscoveredDevice],
          ]);
          assert.deepEqual(Object.fromEntries(shown), expected);
          return;
        }
        case "dedup": {
          const book = new DeviceBook(16);
          for (const hex of vector.inputs_hex!) {
            book.enter(readDiscoveryAnswer(fromHex(hex), SOURCE)!);
          }
          assert.deepEqual(book.list().map(({ serial }) => serial), vector.expected.devices);
        }
      }
    },
  });
}

Deno.test("there is one golden probe for each that can be sent", () => {
  const golden = vectors.filter(({ kind }) => kind === "probe");
  assert.deepEqual(
    golden.map(({ expected }) => expected.output_hex),
    [...DISCOVERY_PROBES, LEGACY_DISCOVERY_PROBE].map((probe) => probe.toHex()),
  );
});

const answer = (info: object, more: object = {}) =>
  encodeMessage({ json: { params: { deviceInfo: info }, ...more } });

Deno.test("a length in the header that looks like a brace is not taken for one", () => {
  for (let pad = 0; pad < 300; pad++) {
    const bytes = answer({ SerialNo: "S", Pad: "x".repeat(pad) });
    assert.equal(readDiscoveryAnswer(bytes, SOURCE)?.serial, "S", String(bytes.length));
  }
});

Deno.test("whatever follows the JSON is ignored, and GBK names do not cost the device", () => {
  const text = new TextEncoder().encode('{"mac":"A0-BD-1D-00-00-01","params":{"deviceInfo":{}}}');
  for (const tail of ["", "\n", "\0\0", "\r\n\0 tail"]) {
    const bytes = Uint8Array.of(...text, ...new TextEncoder().encode(tail));
    assert.equal(readDiscoveryAnswer(bytes, SOURCE)?.mac, "a0:bd:1d:00:00:01");
  }
  const [head, tail] = ['{"params":{"deviceInfo":{"MachineName":"', '","SerialNo":"S"}}}']
    .map((part) => new TextEncoder().encode(part));
  const bytes = Uint8Array.of(...head!, 0xc3, 0xc5, 0x81, 0x5c, ...tail!); // its second byte is \
  assert.equal(readDiscoveryAnswer(bytes, SOURCE)?.serial, "S");
});

Deno.test("fields of other types than expected are unknown, not taken over", () => {
  const device = readDiscoveryAnswer(
    answer({ SerialNo: 7, Port: "x", HttpPort: 70_000, Init: "1", IPv4Address: [] }, { mac: {} }),
    SOURCE,
  )!;
  const { serial, port, httpPort, init, ip, mac, initialised } = device;
  assert.deepEqual([serial, port, httpPort, init, ip, mac, initialised], Array(7).fill(null));
});

Deno.test("bits 0 and 1 of Init tell whether there is a password", () => {
  const cases = [[14, true], [6, true], [2, true], [1, false], [5, false], [0, null], [3, null]];
  for (const [init, known] of cases) assert.equal(isInitialised(init as number), known);
  assert.equal(isInitialised(null), null);
});

Deno.test("an answer of an old recorder is read at its fixed places", () => {
  const bytes = new Uint8Array(32 + 88);
  bytes.set([0xb3, 0x00]);
  const body = bytes.subarray(32);
  body.set([3, 0, 2, 0, 0, 0, 1, 0]);
  body.set(new TextEncoder().encode("Recorder"), 8);
  body.set([192, 168, 1, 108, 255, 255, 255, 0, 192, 168, 1, 1], 24);
  body.set([80, 0, 0xbb, 0x01, 0x91, 0x93], 62);
  const device = readLegacyDiscoveryAnswer(bytes, "192.168.1.108")!;
  const { version, machineName, ip, subnetMask, gateway, httpPort, httpsPort, port } = device;
  assert.deepEqual(
    { version, machineName, ip, subnetMask, gateway, httpPort, httpsPort, port },
    {
      version: "3.2.0.1",
      machineName: "Recorder",
      ip: "192.168.1.108",
      subnetMask: "255.255.255.0",
      gateway: "192.168.1.1",
      httpPort: 80,
      httpsPort: 443,
      port: 37777,
    },
  );
  assert.equal(readLegacyDiscoveryAnswer(bytes.subarray(0, 100), SOURCE), null);
  assert.equal(readDiscoveryAnswer(bytes, SOURCE), null);
});

Deno.test("random and damaged bytes never throw", () => {
  const real = vectors.flatMap(({ input_hex }) =>
    input_hex === undefined ? [] : fromHex(input_hex)
  );
  const damaged = fc.tuple(
    fc.constantFrom(...real),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 8 }),
    fc.nat(2000),
  ).map(([bytes, changes, length]) => {
    const copy = bytes.slice(0, Math.max(1, length));
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return copy;
  });
  const any = fc.oneof(fc.uint8Array({ maxLength: 600 }), damaged);
  fc.assert(
    fc.property(any, (bytes) => {
      for (const read of [readDiscoveryAnswer, readLegacyDiscoveryAnswer]) {
        const device = read(bytes, SOURCE);
        if (device !== null) assert.equal(device.source, SOURCE);
      }
    }),
    { numRuns: scaled(50_000) },
  );
});

Deno.test("answers of one device merge by MAC, then serial number, then address", () => {
  const device = (fields: Partial<DiscoveredDevice>, source = SOURCE): DiscoveredDevice => ({
    ...readDiscoveryAnswer(answer({}), source)!,
    ...fields,
  });
  const count = (...devices: DiscoveredDevice[]) => {
    const book = new DeviceBook(10);
    for (const each of devices) book.enter(each);
    return book.list();
  };
  const [A, B] = ["a0:bd:1d:00:00:0a", "a0:bd:1d:00:00:0b"];
  assert.equal(count(device({ mac: A }), device({ mac: A }, "192.0.2.11")).length, 1);
  // Factory-new cameras share an address, clones share a serial number.
  assert.equal(count(device({ mac: A }), device({ mac: B })).length, 2);
  assert.equal(count(device({ mac: A, serial: "S" }), device({ mac: B, serial: "S" })).length, 2);
  assert.equal(count(device({ serial: "S" }), device({ serial: "T" })).length, 2);
  const [merged, ...rest] = count(
    device({ serial: "S", httpPort: 80, info: { a: 1 } }),
    device(
      { mac: A, serial: "S", version: "2", httpPort: 8080, info: { a: 2, b: 3 } },
      "192.0.2.9",
    ),
    device({ machineName: "Door" }),
  );
  assert.deepEqual(rest, []);
  const { mac, serial, httpPort, version, machineName, source, info } = merged!;
  assert.deepEqual(
    [mac, serial, httpPort, version, machineName, source, info],
    [A, "S", 80, "2", "Door", SOURCE, { a: 1, b: 3 }],
  );
});
