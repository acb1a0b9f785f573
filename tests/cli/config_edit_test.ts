/** Devices come into the config file and go, and everything else stays byte for byte. */

import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { withDevice, withoutDevice } from "../../lib/cli/config/edit.ts";
import { lineOf, statementsOf } from "../../lib/cli/config/toml_text.ts";

const TEXT = `# My cameras.

[defaults]   # for all
user = "operator"

# The door.
[devices.front]
host = "192.0.2.7" # wired
tags = [
  "hall", # [not a header]
  "door]",
]
# about front still

# The yard:
# two of them.
[devices."back yard"]
host = '192.0.2.8'
note = """
[devices.front]
host = "no"
"""

[devices.attic]
host = "192.0.2.9"`;

Deno.test("statements are found with their lines", () => {
  const found = statementsOf(TEXT).map(({ kind, path, first, last }) =>
    `${kind[0]} ${path.join("/")} ${first + 1}-${last + 1}`
  );
  assert.deepEqual(found, [
    "h defaults 3-3",
    "p defaults/user 4-4",
    "h devices/front 7-7",
    "p devices/front/host 8-8",
    "p devices/front/tags 9-12",
    "h devices/back yard 17-17",
    "p devices/back yard/host 18-18",
    "p devices/back yard/note 19-22",
    "h devices/attic 24-24",
    "p devices/attic/host 25-25",
  ]);
  assert.equal(lineOf(TEXT, ["devices", "front", "tags", "1"]), 9);
  assert.equal(lineOf(TEXT, ["devices", "front", "missing"]), 7);
  assert.equal(lineOf(TEXT, ["devices"]), 7);
  assert.equal(lineOf(TEXT, ["nothing"]), undefined);
});

Deno.test("a device is added behind everything else", () => {
  const values = { host: "192.0.2.1", tags: ["a", 'quote"d'] };
  const added = withDevice(TEXT, "new", values);
  assert.ok(added.startsWith(`${TEXT}\n\n[devices.new]\n`));
  const { defaults, devices } = structuredClone(parse(TEXT));
  const expected = { defaults, devices: { ...devices as object, new: values } };
  assert.deepEqual(JSON.stringify(parse(added)), JSON.stringify(expected));
  assert.equal(withDevice("", "new", { host: "h" }), '[devices.new]\nhost = "h"\n');
  assert.equal(
    withDevice("a = 1\r\n", "x", { host: "h" }),
    'a = 1\r\n\r\n[devices.x]\r\nhost = "h"\r\n',
  );
});

Deno.test("a device is removed with the comment above it, and nothing else", () => {
  assert.equal(
    withoutDevice(TEXT, "front"),
    TEXT.replace(/# The door\.\n[^]*?"door\]",\n\]\n/, ""),
  );
  assert.equal(
    withoutDevice(TEXT, "back yard"),
    TEXT.replace(/# The yard:[^]*?"""\n[^]*?"""\n\n/, ""),
  );
  assert.equal(withoutDevice(TEXT, "attic"), TEXT.slice(0, TEXT.indexOf("\n[devices.attic]")));
  assert.equal(withoutDevice(TEXT, "none"), TEXT);
});

Deno.test("what was added is what is removed", () => {
  for (const before of [`${TEXT}\n`, "", "[devices.a]\nhost = 'x'\n"]) {
    const added = withDevice(before, "new", { host: "h" });
    assert.equal(withoutDevice(added, "new").trimEnd(), before.trimEnd());
  }
});

Deno.test("a device may be written in several ways", () => {
  const cases: [string, string][] = [
    ["[devices]\na = { host = 'x' }\nb = { host = 'y' }\n", "[devices]\nb = { host = 'y' }\n"],
    ["devices.a.host = 'x'\ndevices.a.tags = [\n]\nz = 1\n", "z = 1\n"],
    ["[devices.a]\nhost = 'x'\n[devices.a.more]\nk = 1\n[devices.b]\n", "[devices.b]\n"],
    ["# head\n[devices.a]\nhost = 'x'\n", "# head\n"],
  ];
  for (const [text, rest] of cases) assert.equal(withoutDevice(text, "a"), rest);
});
