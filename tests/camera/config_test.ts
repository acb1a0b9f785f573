import assert from "node:assert/strict";
import { makeBackup, parseBackup, tablesToRestore } from "../../lib/camera/config_backup.ts";
import { diffTables } from "../../lib/camera/config_diff.ts";
import {
  assign,
  formatConfigPath,
  parseAssignment,
  parseConfigPath,
  replaceAt,
  valueAt,
} from "../../lib/camera/config_path.ts";
import { fillMasks, isSecretName, MASK, maskSecrets } from "../../lib/camera/config_secrets.ts";
import { scaled } from "../support/random.ts";

Deno.test("paths are read and written as people write them", () => {
  for (
    const [text, steps] of [
      ["NTP", []],
      ["NTP.Enable", ["Enable"]],
      ["Encode[0].MainFormat[2].Video.FPS", [0, "MainFormat", 2, "Video", "FPS"]],
      ['Odd["a.b\\"c"][1]', ['a.b"c', 1]],
    ] as const
  ) {
    const path = parseConfigPath(text);
    assert.equal(path.table, text.match(/^\w+/)![0]);
    assert.deepEqual(path.steps, steps);
    assert.equal(formatConfigPath(path), text);
  }
  for (const text of ["", ".a", "[0]", "A[", "A[x]", "A..b", "A.b.", "A b", 'A["x]']) {
    assert.throws(() => parseConfigPath(text), SyntaxError, text);
  }
});

Deno.test("any steps survive being written and read", async () => {
  const fc = (await import("fast-check")).default;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.nat({ max: 999_999 })), { maxLength: 6 }),
      (steps) => {
        assert.deepEqual(parseConfigPath(formatConfigPath({ table: "T", steps })).steps, steps);
      },
    ),
    { numRuns: scaled(20_000) },
  );
});

Deno.test("assignments take JSON where it is JSON, else text", () => {
  const value = (text: string) => parseAssignment(text).value;
  assert.equal(value("A.b=15"), 15);
  assert.equal(value("A.b=true"), true);
  assert.equal(value("A.b=pool.ntp.org"), "pool.ntp.org");
  assert.equal(value('A.b="15"'), "15");
  assert.deepEqual(value("A.b=[1,2]"), [1, 2]);
  assert.equal(value("A.b=x=y"), "x=y");
  assert.equal(value("A.b="), "");
  assert.equal(parseAssignment('A["x=y"]=1').path.steps[0], "x=y");
  assert.throws(() => parseAssignment("hunter2-secret"), (error: Error) => {
    assert.ok(error instanceof SyntaxError && !error.message.includes("hunter2"));
    return true;
  });
  assert.throws(() => parseAssignment("=1"), SyntaxError);
});

Deno.test("an assignment changes one place of a copy, in the table's own type", () => {
  const table = [{ Name: "Gate", Video: { FPS: 25, On: true }, None: null }];
  const set = (text: string) => assign(table, parseAssignment(text));
  assert.deepEqual(set("T[0].Video.FPS=15"), [
    { Name: "Gate", Video: { FPS: 15, On: true }, None: null },
  ]);
  assert.equal(table[0]!.Video.FPS, 25);
  for (const text of ["15", "12345678901234567890", "1e3", "1.50", " 7", "true"]) {
    const set15 = set(`T[0].Name=${text}`);
    assert.equal(valueAt(set15, parseConfigPath("T[0].Name")), text);
  }
  assert.equal(valueAt(set("T[0].None=5"), parseConfigPath("T[0].None")), 5);
  assert.deepEqual(set("T=[]"), []);
  assert.throws(() => set("T[0].Video.FPS=fast"), {
    name: "TypeError",
    message: "T[0].Video.FPS holds a number, not text",
  });
  assert.throws(() => set("T[1].Name=x"), {
    name: "RangeError",
    message: "There is no T[1]; T has 1 elements, counted from 0",
  });
  assert.throws(() => set("T[0].Fps=1"), /There is no T\[0\]\.Fps; T\[0\] has Name, Video, None/);
  assert.throws(() => set("T[0].Name.x=1"), /plain value/);
  assert.throws(() => set("T[0].__proto__=1"), RangeError);
});

Deno.test("differences name the places, both ways round", () => {
  const before = { a: 1, list: [1, 2], gone: "x", same: { z: [0] } };
  const after = { list: [1, 3, 4], a: 2, same: { z: [0] }, kind: [] };
  assert.deepEqual(diffTables("T", before, after), [
    { path: "T.a", before: 1, after: 2 },
    { path: "T.list[1]", before: 2, after: 3 },
    { path: "T.list[2]", after: 4 },
    { path: "T.gone", before: "x" },
    { path: "T.kind", after: [] },
  ]);
  assert.deepEqual(diffTables("T", before, structuredClone(before)), []);
  assert.deepEqual(diffTables("T", { a: [] }, { a: {} }), [{ path: "T.a", before: [], after: {} }]);
});

Deno.test("making all differences in the first value gives the second", async () => {
  const fc = (await import("fast-check")).default;
  const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string());
  const shape = fc.array(
    fc.record(
      { a: leaf, b: fc.array(leaf, { minLength: 3, maxLength: 3 }) },
      { noNullPrototype: true },
    ),
    {
      minLength: 4,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(shape, shape, (first, second) => {
      const made = diffTables("T", first, second).reduce<unknown>(
        (value, { path, after }) => replaceAt(value, parseConfigPath(path).steps, after),
        first,
      );
      assert.deepEqual(made, second);
    }),
    { numRuns: scaled(5_000) },
  );
});

Deno.test("secrets are masked by name, switches and empty ones are not", () => {
  for (
    const name of [
      "Password",
      "PassWord",
      "Pass",
      "FtpPass",
      "Pwd",
      "UserPwd",
      "SecretKey",
      "AccessKey",
      "PSK",
      "WPAPSK",
      "Community",
      "ReadCommon",
      "WriteCommon",
    ]
  ) {
    assert.ok(isSecretName(name), name);
  }
  for (
    const name of [
      "UserName",
      "Enable",
      "Keyboard",
      "KeyFrame",
      "Address",
      "Monkey",
      "Passive",
      "Compass",
      "CommonConfig",
    ]
  ) {
    assert.ok(!isSecretName(name), name);
  }
  const table = {
    Email: { UserName: "u", Password: "canary", PasswordEnable: true, Empty: { Password: "" } },
    Wifi: [{ Keys: ["canary", ""] }],
  };
  const masked = maskSecrets(table);
  assert.deepEqual(masked, {
    Email: { UserName: "u", Password: MASK, PasswordEnable: true, Empty: { Password: "" } },
    Wifi: [{ Keys: [MASK, ""] }],
  });
  assert.deepEqual(fillMasks(masked, table), table);
});

Deno.test("a masked backup restores without touching a secret, or leaves the table out", () => {
  const info = { model: "M", serial: "S", firmware: { version: "1", build: null } };
  const tables = { Email: { Password: "canary", Port: 25 }, NTP: { Enable: true } };
  const made = new Date(0);
  const backup = parseBackup(JSON.stringify(makeBackup("h", info, tables, { made })));
  assert.ok(!JSON.stringify(backup).includes("canary"));
  assert.equal(backup.made, "1970-01-01T00:00:00.000Z");
  const present = { Email: { Password: "newer", Port: 2525 }, NTP: { Enable: false } };
  assert.deepEqual(tablesToRestore(backup, present), {
    tables: { Email: { Password: "newer", Port: 25 }, NTP: { Enable: true } },
    skipped: [],
  });
  assert.deepEqual(tablesToRestore(backup, { NTP: {} }).skipped, ["Email"]);
  const open = makeBackup("h", info, tables, { made, secrets: true });
  assert.deepEqual(tablesToRestore(open, present).tables, tables);
  for (const text of ["", "[]", "{}", '{"format":"dhip-config","version":2,"tables":{}}']) {
    assert.throws(() => parseBackup(text), SyntaxError, text);
  }
});

Deno.test("numbers under secret names and passwords in URLs are masked", () => {
  const table = { Password: 123456, Url: "rtsp://admin:canary@gate/live", On: true };
  const masked = maskSecrets(table);
  assert.deepEqual(masked, { Password: MASK, Url: `rtsp://admin:${MASK}@gate/live`, On: true });
  assert.deepEqual(fillMasks(masked, table), table);
});

Deno.test("a secret is never filled into another element of a list", () => {
  const saved = [{ Address: "a", Password: "PA" }, { Address: "b", Password: "PB" }];
  const backup = {
    format: "dhip-config",
    version: 1,
    made: "",
    device: { host: "h", model: null, serial: null, firmware: null },
    masked: true,
    tables: { NAS: maskSecrets(saved) },
  } as const;
  assert.deepEqual(tablesToRestore(backup, { NAS: saved }).tables, { NAS: saved });
  const { tables, skipped } = tablesToRestore(backup, { NAS: saved.toReversed() });
  assert.deepEqual({ tables, skipped }, { tables: {}, skipped: ["NAS"] });
});

Deno.test("a backup that does not say whether it is masked is refused", () => {
  const text = '{"format":"dhip-config","version":1,"tables":{"NAS":{"Password":"********"}}}';
  assert.throws(() => parseBackup(text), SyntaxError);
});
