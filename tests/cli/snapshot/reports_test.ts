import assert from "node:assert/strict";
import { channelChoice } from "../../../lib/cli/snapshot/channels.ts";
import { nagiosAnswer, nagiosUnknown } from "../../../lib/cli/snapshot/nagios.ts";
import { type Measured, metricsText } from "../../../lib/cli/snapshot/prometheus.ts";
import { percent, span } from "../../../lib/cli/values.ts";
import { DhipError } from "../../../lib/errors.ts";

const GOOD: Measured = {
  target: "gate",
  channel: 1,
  ok: true,
  seconds: 0.25,
  bytes: 1234,
  time: 1_700_000_000,
};
const BAD: Measured = { ...GOOD, channel: 2, ok: false, bytes: null, time: 0 };

Deno.test("metrics have a help, a type, and a line for each picture", () => {
  assert.equal(
    metricsText([GOOD, BAD]),
    `# HELP dhip_snapshot_success 1 when the last picture was taken.
# TYPE dhip_snapshot_success gauge
dhip_snapshot_success{target="gate",channel="1"} 1
dhip_snapshot_success{target="gate",channel="2"} 0
# HELP dhip_snapshot_duration_seconds Time until the picture was there, all attempts together.
# TYPE dhip_snapshot_duration_seconds gauge
dhip_snapshot_duration_seconds{target="gate",channel="1"} 0.25
dhip_snapshot_duration_seconds{target="gate",channel="2"} 0.25
# HELP dhip_snapshot_bytes Size of the last picture.
# TYPE dhip_snapshot_bytes gauge
dhip_snapshot_bytes{target="gate",channel="1"} 1234
# HELP dhip_snapshot_last_success_timestamp_seconds When a picture was last taken, seconds since 1970.
# TYPE dhip_snapshot_last_success_timestamp_seconds gauge
dhip_snapshot_last_success_timestamp_seconds{target="gate",channel="1"} 1700000000
`,
  );
});

Deno.test("the last success is known after a failure too, whatever the labels hold", () => {
  const target = 'a"b\\c\nd} e';
  const before = metricsText([{ ...GOOD, target }]);
  assert.match(before, /\{target="a\\"b\\\\c\\nd\} e",channel="1"\} 1\n/);
  const after = metricsText([{ ...BAD, target, channel: 1 }], before);
  assert.match(after, /_timestamp_seconds\{.*\} 1700000000\n$/);
  assert.match(after, /_success\{.*\} 0\n/);
});

Deno.test("Nagios gets one line and its own exit codes", () => {
  const failure = new DhipError("DHIP_UNREACHABLE", "No route | to\nhost");
  assert.deepEqual(nagiosAnswer([GOOD], []), {
    exit: 0,
    line: "SNAPSHOT OK - 1 of 1 pictures taken | 'gate 1 time'=0.25s;;;0 'gate 1 size'=1234B;;;0",
  });
  const some = nagiosAnswer([GOOD, BAD], [failure]);
  assert.equal(some.exit, 1);
  assert.match(
    some.line,
    /^SNAPSHOT WARNING - 1 of 2 pictures taken: No route \/ to␊host \| 'gate 1/,
  );
  assert.equal(nagiosAnswer([BAD], [failure]).exit, 2);
  assert.match(nagiosAnswer([{ ...GOOD, target: "a'b=c|d" }], []).line, /'a_b_c_d 1 time'=/);
  const unknown = nagiosUnknown(new DhipError("DHIP_USAGE", "no | such option"));
  assert.deepEqual(unknown, { exit: 3, line: "SNAPSHOT UNKNOWN - no / such option" });
});

Deno.test("channels by number, range and name", () => {
  const parse = (text: string) => channelChoice.parse(text);
  assert.deepEqual(parse("1,3-5,Gate, Back yard"), {
    all: false,
    numbers: [1, 3, 4, 5],
    names: ["Gate", "Back yard"],
  });
  assert.deepEqual(parse("2,1-3").numbers, [2, 1, 3]);
  assert.deepEqual(parse("all"), { all: true, numbers: [], names: [] });
  for (const text of ["", "0", "0-3", "5-3", "1,,2", "1,all", "1-99999", "-1"]) {
    assert.throws(() => parse(text), SyntaxError, text);
  }
});

Deno.test("long times and percents", () => {
  assert.deepEqual(["30s", "5m", "12h", "7d", "4w"].map((text) => span.parse(text)), [
    30_000,
    300_000,
    43_200_000,
    604_800_000,
    2_419_200_000,
  ]);
  for (const text of ["5", "0s", "500ms", "1.5h", "-1d", "d"]) {
    assert.throws(() => span.parse(text), SyntaxError, text);
  }
  assert.deepEqual(["2", "0.5", "5%", "100"].map((text) => percent.parse(text)), [2, 0.5, 5, 100]);
  for (const text of ["101", "-1", "x", ""]) assert.throws(() => percent.parse(text), SyntaxError);
});
