/** Which devices a line names. */

import assert from "node:assert/strict";
import { readTargets } from "../../lib/cli/targets.ts";
import { Words } from "../../lib/cli/usage.ts";
import type { DhipError } from "../../lib/errors.ts";

const read = (...texts: string[]) => readTargets(texts, new Words(texts));

Deno.test("targets in all their forms", () => {
  const cases: [string, string, unknown][] = [
    ["camera.local", "camera.local", { host: "camera.local" }],
    ["192.0.2.7:5001", "192.0.2.7:5001", { host: "192.0.2.7", port: 5001 }],
    ["[2001:db8::7]:5001", "[2001:db8::7]:5001", { host: "2001:db8::7", port: 5001 }],
    ["[2001:db8::7]", "2001:db8::7", { host: "2001:db8::7" }],
    ["dhip://eve@h:1", "h:1", { host: "h", port: 1, user: "eve" }],
  ];
  for (const [text, name, address] of cases) {
    assert.deepEqual(read(text), [{ name, address }], text);
  }
});

Deno.test("lists are taken apart and a device named twice is worked on once", () => {
  assert.deepEqual(read("a, b", "c", "a,c:5000").map(({ name }) => name), [
    "a",
    "b",
    "c",
    "c:5000",
  ]);
  assert.equal(read("dhip://eve@a", "dhip://bob@a").length, 2);
});

Deno.test("what cannot be reached says what is possible", () => {
  const cases: [string, RegExp][] = [
    ["@hall", /tag .*this version reads none/],
    ["sn:ABC", /cannot reach a device by serial number/],
    ["", /empty target/],
    ["a,,b", /empty target/],
    ["h:99999", /cannot be read: "h:99999"/],
    ["http://h", /cannot be read$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => read(text), (error: DhipError) => {
      assert.equal(error.code, "DHIP_USAGE", text);
      assert.match(error.message, message);
      assert.ok(error.hint, text);
      return true;
    });
  }
});

Deno.test("a password in a target is refused and not repeated", () => {
  const texts = [
    "dhip://admin:canary@h",
    "dhip://admin:can,canary@h",
    "dhip://admin:can@canary@h",
    "admin:canary@h",
    "canary@h",
    "dhip://admin:canary",
    "dhip://canary:@h",
  ];
  for (const text of texts) {
    assert.throws(() => read(text), (error: DhipError) => {
      assert.ok(!`${error.message} ${error.hint}`.includes("canary"), text);
      return error.code === "DHIP_USAGE";
    }, text);
  }
});
