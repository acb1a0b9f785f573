/** Which devices a line names. */

import assert from "node:assert/strict";
import type { DeviceEntry } from "../../lib/cli/config/config.ts";
import { deviceId, readTargets } from "../../lib/cli/targets.ts";
import { Words } from "../../lib/cli/usage.ts";
import type { DhipError } from "../../lib/errors.ts";

function entry(name: string, rest: Partial<DeviceEntry> = {}): [string, DeviceEntry] {
  return [name, { name, address: { host: `${name}.test` }, tags: [], settings: {}, ...rest }];
}

const DEVICES = new Map([
  entry("front", { user: "eve", tags: ["hall", "door"] }),
  entry("back", { address: { host: "192.0.2.9", port: 5001 }, tags: ["hall"] }),
  entry("attic"),
]);

const around = { devices: DEVICES, otherUser: "admin" };
const read = (...texts: string[]) => readTargets(texts, { ...around, words: new Words(texts) });
const names = (...texts: string[]) => read(...texts).map(({ name }) => name);

Deno.test("targets in all their forms", () => {
  const cases: [string, string, unknown][] = [
    ["camera.local", "camera.local", { host: "camera.local" }],
    ["192.0.2.7:5001", "192.0.2.7:5001", { host: "192.0.2.7", port: 5001 }],
    ["[2001:db8::7]:5001", "[2001:db8::7]:5001", { host: "2001:db8::7", port: 5001 }],
    ["[2001:db8::7]", "2001:db8::7", { host: "2001:db8::7" }],
    ["dhip://eve@h:1", "h:1", { host: "h", port: 1, user: "eve" }],
    ["sn:4A-0_1", "sn:4A-0_1", { host: "sn:4A-0_1", serial: "4A-0_1" }],
    ["SN:abc:5001", "sn:abc:5001", { host: "sn:abc", serial: "abc", port: 5001 }],
    ["dhip://eve@sn:A1", "sn:A1", { host: "sn:A1", serial: "A1", user: "eve" }],
  ];
  for (const [text, name, address] of cases) {
    const user = text.includes("eve@") ? "eve" : "admin";
    assert.deepEqual(read(text), [{ name, host: name, address, user }], text);
  }
});

Deno.test("lists are taken apart and a device named twice is worked on once", () => {
  assert.deepEqual(names("a, b", "c", "a,c:5001,C"), ["a", "b", "c", "c:5001"]);
  assert.deepEqual(names("a", "a:5000", "dhip://admin@a"), ["a"], "one login, however it is named");
  assert.equal(read("dhip://eve@a", "dhip://bob@a").length, 2);
});

Deno.test("names, tags and hosts may be mixed", () => {
  assert.deepEqual(names("front,192.0.2.7", "@hall", "frnot"), [
    "front",
    "192.0.2.7",
    "back",
    "frnot",
  ]);
  const [front, back] = read("@hall");
  assert.deepEqual([front!.host, front!.address, front!.user], [
    "front.test",
    { host: "front.test" },
    "eve",
  ]);
  assert.deepEqual([back!.host, back!.user], ["192.0.2.9:5001", "admin"]);
});

Deno.test("a name may be given another user and port", () => {
  const [target] = read("dhip://bob@front:6000");
  assert.deepEqual(target!.address, { host: "front.test", port: 6000, user: "bob" });
  assert.deepEqual([target!.name, target!.host, target!.user], ["front", "front.test:6000", "bob"]);
});

Deno.test("a device named by name and by address is one, with its name", () => {
  assert.deepEqual(names("192.0.2.9:5001", "back"), ["back"]);
  assert.deepEqual(names("back", "192.0.2.9:5001"), ["back"]);
});

Deno.test("-u goes before the device's user, an address goes before both", () => {
  const options = { ...around, words: new Words([]), user: "option" };
  const users = readTargets(["front", "attic", "dhip://url@x"], options).map(({ user }) => user);
  assert.deepEqual(users, ["option", "option", "url"]);
});

Deno.test("no target may mean all devices", () => {
  const words = new Words([]);
  const all = readTargets([], { ...around, words, all: true });
  assert.deepEqual(all.map(({ name }) => name), ["front", "back", "attic"]);
  const none = { words, devices: new Map(), otherUser: "admin", all: true };
  assert.throws(() => readTargets([], none), { code: "DHIP_USAGE" });
});

Deno.test("the usual port makes no other device of a host", () => {
  const id = (text: string, port?: number) => deviceId(read(text)[0]!, port);
  assert.equal(id("Gate:5000"), "gate");
  assert.equal(id("gate", 5000), "gate");
  assert.equal(id("gate", 5001), "gate:5001");
  assert.equal(id("gate:5002", 5001), "gate:5002");
  assert.equal(id("sn:4A01"), "sn:4a01");
  assert.equal(id("sn:4A01:5002"), "sn:4a01:5002");
});

Deno.test("what cannot be reached says what is possible", () => {
  const cases: [string, RegExp][] = [
    ["@hal", /No device has that tag: @hal/],
    ["", /empty target/],
    ["a,,b", /empty target/],
    ["h:99999", /cannot be read: "h:99999"/],
    ["http://h", /cannot be read$/],
    ["sn:", /cannot be read/],
    ["sn:a.b", /cannot be read/],
    ["sn:a:0", /cannot be read/],
    ["sn:a:1:2", /cannot be read/],
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
