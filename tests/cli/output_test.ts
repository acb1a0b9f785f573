/** What results look like in every format. */

import assert from "node:assert/strict";
import { csvText } from "../../lib/cli/csv.ts";
import { Output } from "../../lib/cli/output.ts";
import { jsonText, plain } from "../../lib/cli/text.ts";
import { tableText } from "../../lib/cli/table.ts";
import { differenceTable } from "../../lib/cli/tables/change_view.ts";
import { pathGrid, type View } from "../../lib/cli/view.ts";
import { cli, devices, INFO, reply, unreachable } from "./_support.ts";

const P = ["-P", "p", "-q"];

Deno.test("a table on a terminal, JSON elsewhere", async () => {
  const { out } = await cli(["info", "h", ...P], { terminal: true, env: { NO_COLOR: "1" } });
  assert.match(out, /^Model +IPC-1\nVendor +Dahua\n/);
  assert.match(out, /^Memory +128 MiB free of 512 MiB$/m);
  assert.match(out, /^Uptime +1 d 1 h$/m);
  assert.deepEqual(JSON.parse((await cli(["info", "h", ...P])).out), INFO);
});

Deno.test("NO_COLOR leaves no escape sequence, and without it headings are bold", async () => {
  const plainRun = await cli(["info", "h", ...P], { terminal: true, env: { NO_COLOR: "1" } });
  assert.ok(!plainRun.out.includes("\x1b"));
  assert.ok((await cli(["info", "h", ...P], { terminal: true })).out.includes("\x1b[1mModel"));
  assert.ok(!(await cli(["info", "h", "-o", "table", ...P])).out.includes("\x1b"));
});

Deno.test("a single result in the other formats", async () => {
  const csv = await cli(["info", "h", "-o", "csv", ...P]);
  const [head, row, end] = csv.out.split("\r\n");
  assert.match(head!, /^model,vendor,device_class,serial,firmware_version,/);
  assert.match(
    row!,
    /^IPC-1,Dahua,IPC,SN1,2\.8,2024-03-18,1\.00,Front door,536870912,134217728,7,/,
  );
  assert.equal(end, "");
  const ndjson = await cli(["services", "h", "-o", "ndjson", ...P]);
  assert.equal(ndjson.out, '"configManager"\n"magicBox"\n');
  const table = await cli(["services", "h", "magicBox", "-o", "table", ...P]);
  assert.equal(table.out, "METHOD\nmagicBox.getSerialNo\nmagicBox.reboot\n");
});

Deno.test("several results name their target in every format", async () => {
  const { library } = devices(({ host }) => host === "b" ? unreachable("b:5000") : {});
  const run = (format: string) => cli(["services", "a,b,c", "-o", format, ...P], { library });
  const result = ["configManager", "magicBox"];
  const error = {
    code: "DHIP_UNREACHABLE",
    message: "Cannot connect to b:5000: connection refused",
    retryable: true,
    host: "b:5000",
    hint: "Check the port.",
  };
  const json = await run("json");
  assert.deepEqual(JSON.parse(json.out), [
    { target: "a", result },
    { target: "b", error },
    { target: "c", result },
  ]);
  assert.equal(JSON.parse(json.err).error.code, "DHIP_PARTIAL");
  const ndjson = await run("ndjson");
  assert.deepEqual(
    ndjson.out.trimEnd().split("\n").map((line) => JSON.parse(line).target).sort(),
    ["a", "b", "c"],
  );
  const csv = await run("csv");
  assert.equal(
    csv.out,
    "target,service\r\na,configManager\r\na,magicBox\r\nc,configManager\r\nc,magicBox\r\n",
  );
  const table = await run("table");
  assert.match(table.out, /^TARGET +SERVICE\na +configManager\na +magicBox\nc /);
  assert.equal(
    table.err,
    "dhip: Cannot connect to b:5000: connection refused\nhint: Check the port.\n" +
      "dhip: 1 of 3 targets failed\n",
  );
  for (const { code } of [json, ndjson, csv, table]) assert.equal(code, 6);
});

Deno.test("control characters of a device never reach a terminal", async () => {
  const evil = "a\x1b[31mred\x07\r\n\x9b2J\u202ereverse\0\x7f";
  const { library } = devices(() => ({
    info: { name: evil, problems: [] },
    reply: () => reply({ result: true, params: { [evil]: evil } }),
  }));
  // deno-lint-ignore no-control-regex -- finding them is the purpose
  const raw = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
  for (const format of ["table", "json", "ndjson", "csv"]) {
    for (const line of [["info", "h"], ["info", "h,i"], ["call", "h", "M"], ["call", "h,i", "M"]]) {
      const around = { library, terminal: true, env: { NO_COLOR: "1" } };
      const { out, err } = await cli([...line, "-o", format, ...P], around);
      const text = format === "csv" ? out.replaceAll("\r\n", "\n") : out;
      assert.ok(!raw.test(text + err), `${format} ${line.join(" ")}: ${JSON.stringify(text)}`);
    }
  }
  const json = await cli(["info", "h", "-o", "json", ...P], { library });
  assert.equal(JSON.parse(json.out).name, evil, "JSON keeps the value");
});

Deno.test("a hostile error text is shown harmless", async () => {
  const { library } = devices(() => new Error("\x1b]0;title\x07\nsecond line"));
  const { err } = await cli(["info", "h", ...P], { library, terminal: true });
  assert.equal(err.split("\n").length, 3, "cause, hint, end");
  assert.ok(!err.includes("\x1b") && !err.includes("\x07"));
});

Deno.test("plain and jsonText show or escape what terminals obey", () => {
  assert.equal(plain("a\n\x1b\x7f\x9b\u2028ä日"), "a␊␛␡\\u009b\\u2028ä日");
  assert.equal(jsonText("\x9b\x7fä日"), '"\\u009b\\u007fä日"');
  assert.equal(jsonText(undefined), "null");
});

Deno.test("CSV is RFC 4180 and holds no formulas", () => {
  const rows = [
    ["=1+1", "+1", "-1", "@x", "\t=1"],
    ['say "hi"', "a,b", "two\nlines", " x ", ""],
    [-1, 0, null, true, "x-1"],
  ];
  assert.equal(
    csvText({ head: ["a", "b", "c", "d", "e"], rows }),
    "a,b,c,d,e\r\n" +
      "'=1+1,'+1,'-1,'@x,'\t=1\r\n" +
      '"say ""hi""","a,b","two\nlines", x ,\r\n' +
      "-1,0,,true,x-1\r\n",
  );
});

Deno.test("call prints the payload as it is", async () => {
  const payloads: [unknown, string][] = [
    [{ result: true, params: { a: [1, "ü"] } }, '{\n  "a": [\n    1,\n    "ü"\n  ]\n}\n'],
    [{ result: true }, "true\n"],
    [{ result: "2026-01-01 10:00:00", params: null }, '"2026-01-01 10:00:00"\n'],
    [{ result: false }, "false\n"],
  ];
  for (const [fields, text] of payloads) {
    const { library } = devices(() => ({ reply: () => reply(fields as Record<string, unknown>) }));
    assert.equal((await cli(["call", "h", "M", ...P], { library })).out, text);
  }
  const { library } = devices(() => ({
    reply: () => reply({ result: true, params: { table: [{ Name: "a,b" }, { On: false }] } }),
  }));
  const csv = await cli(["call", "h", "M", "-o", "csv", ...P], { library });
  assert.equal(csv.out, 'path,value\r\ntable[0].Name,"a,b"\r\ntable[1].On,false\r\n');
});

Deno.test("an empty list or object is a value of its own", () => {
  assert.deepEqual(pathGrid({ a: [], b: { c: {} }, d: [[]] }).rows, [
    ["a", "[]"],
    ["b.c", "{}"],
    ["d[0]", "[]"],
  ]);
  assert.deepEqual(pathGrid({}).rows, [["", "{}"]]);
});

Deno.test("differences fit the terminal, and a table on one side only is not spelled out", () => {
  const grid = differenceTable([
    { path: "NTP.Address", before: "a".repeat(200), after: "b" },
    { path: "Gone", before: { a: 1 } },
  ]);
  assert.deepEqual(grid.rows[1], ["Gone", "(whole table)", null]);
  const lines = tableText(grid, false, 60).trimEnd().split("\n");
  assert.ok(lines.every((line) => line.length <= 60), lines.join("\n"));
  assert.match(lines[1]!, /^NTP\.Address {2}"a+… {2}"b"$/);
  assert.ok(tableText(grid, false).includes("a".repeat(200)));
});

Deno.test("headings of CSV are names, whatever the table shows", async () => {
  const { out } = await cli(["devices", "test", "h,i", "-o", "csv", ...P]);
  assert.match(out, /^target,login,user\r\n/);
  const unlock = await cli(["unlock", "h", "-o", "csv"]);
  assert.equal(unlock.out, "target,user,refused_at,held_back_until\r\n");
});

Deno.test("rows of targets with other columns stand under their own headings", async () => {
  let out = "";
  const sink = {
    isTerminal: false,
    columns: 80,
    rows: 24,
    write: (text: string | Uint8Array) => Promise.resolve(void (out += text)),
  };
  const output = new Output(sink, "csv", true);
  const view: View<string> = {
    table: (extra) => ({
      head: ["a", ...(extra === "" ? [] : ["extra"]), "b"],
      rows: [["1", ...(extra === "" ? [] : [extra]), "2"]],
    }),
  };
  const outcomes = [{ target: "x", result: "" }, { target: "y", result: "more" }];
  await output.outcomes(outcomes, view);
  assert.equal(out.replaceAll("\r", ""), "target,a,b,extra\nx,1,2,\ny,1,2,more\n");
});
