/** The parser: words in, values or a usage error out. */

import assert from "node:assert/strict";
import { type ParsedLine, parseLine } from "../../lib/cli/parse.ts";
import { command } from "../../lib/cli/spec.ts";
import { duration, integer, oneOf, port } from "../../lib/cli/values.ts";
import { DhipError } from "../../lib/errors.ts";

const call = command({
  targets: "list",
  arguments: {
    method: { value: "METHOD", summary: "" },
    rest: { value: "REST", summary: "", optional: true },
  },
  options: {
    method: { short: "m", value: "METHOD", fills: "method", summary: "" },
    speed: { short: "s", value: "N", type: integer(-10, 10), summary: "" },
    kind: { value: "KIND", type: oneOf("a", "b"), default: "a", summary: "" },
    flagged: { short: "f", summary: "" },
  },
  examples: [{ does: "", line: "" }],
  run: () => Promise.resolve(0),
});
const many = command({
  targets: "many",
  arguments: {},
  options: {},
  examples: [{ does: "", line: "" }],
  run: () => Promise.resolve(0),
});

function parse(line: string[], spec = call, env: Record<string, string> = {}): ParsedLine {
  return parseLine(spec, ["x", ...line], [0], { env: (name) => env[name] });
}

function usageText(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof DhipError);
    assert.equal(error.code, "DHIP_USAGE");
    return error.message;
  }
  throw new assert.AssertionError({ message: "no usage error" });
}

Deno.test("parser gives options and arguments in any order", () => {
  const lines = [
    ["h", "M", "-s", "3", "-f", "--kind", "b"],
    ["-s3", "h", "-f", "M", "--kind=b"],
    ["-fs", "3", "--kind", "b", "h", "M"],
    ["-fs3", "--kind=b", "h", "--", "M"],
    ["-s=3", "-f", "--kind=b", "--", "h", "M"],
  ];
  for (const line of lines) {
    const { targets, args, options } = parse(line);
    assert.deepEqual(targets, ["h"], line.join(" "));
    assert.deepEqual(args, { method: "M", rest: undefined });
    const { speed, kind, flagged } = options;
    assert.deepEqual({ speed, kind, flagged }, { speed: 3, kind: "b", flagged: true });
  }
});

Deno.test("parser takes any password, with a leading dash when it is attached", () => {
  for (
    const value of ["-x", "--", "-", "=", "==x", "a b", "", "pä ss", "\t", "$(id)", "--user=x"]
  ) {
    for (const word of [`-P=${value}`, `--password=${value}`]) {
      assert.equal(parse(["h", "M", word]).connection?.password, value, word);
    }
  }
  assert.equal(parse(["h", "M", "-P-x"]).connection?.password, "-x");
  assert.equal(parse(["h", "M", "-vvP", "a b"]).connection?.password, "a b");
  assert.equal(parse(["h", "M", "-P", ""]).connection?.password, "");
  assert.equal(parse(["h", "M", "-P", "-"]).connection?.password, "-");
});

Deno.test("parser counts and repeats what may be repeated", () => {
  assert.equal(parse(["h", "M", "-vv"]).general.verbose, 2);
  assert.equal(parse(["h", "M", "-v", "--verbose", "-v"]).general.verbose, 3);
  assert.deepEqual(parse(["a", "b", "-t", "c", "--target=d,e"], many).targets, [
    "a",
    "b",
    "c",
    "d,e",
  ]);
});

Deno.test("an option can stand for an argument", () => {
  const cases: [string[], string[], unknown][] = [
    [["-t", "h", "M"], ["h"], { method: "M", rest: undefined }],
    [["h", "-m", "M"], ["h"], { method: "M", rest: undefined }],
    [["-t", "h", "-m", "M"], ["h"], { method: "M", rest: undefined }],
    [["h", "M", "R", "-t", "i"], ["h", "i"], { method: "M", rest: "R" }],
  ];
  for (const [line, targets, args] of cases) {
    const parsed = parse(line);
    assert.deepEqual([parsed.targets, parsed.args], [targets, args], line.join(" "));
  }
  assert.deepEqual(parse(["-t", "h"], many).targets, ["h"]);
});

Deno.test("parser takes the environment after the option and before the default", () => {
  const env = { DHIP_TIMEOUT: "2", DHIP_CONCURRENCY: "" };
  assert.equal(parse(["h", "M"], call, env).connection?.timeout, 2000);
  assert.equal(parse(["h", "M", "--timeout=500ms"], call, env).connection?.timeout, 500);
  assert.equal(parse(["h", "M"], call, env).connection?.concurrency, 8);
  const bad = { DHIP_TIMEOUT: "soon" };
  assert.match(usageText(() => parse(["h", "M"], call, bad)), /^DHIP_TIMEOUT must be a time/);
});

Deno.test("parser names what is wrong", () => {
  const cases: [string[], RegExp][] = [
    [[], /^TARGET is missing$/],
    [["h"], /^METHOD is missing$/],
    [["h", "M", "R", "X"], /^Unexpected argument: "X"$/],
    [["h", "M", "--knd", "b"], /^Unknown option: --knd$/],
    [["h", "M", "-x"], /^Unknown option: -x$/],
    [["h", "M", "--constructor"], /^Unknown option: --constructor$/],
    [["h", "M", "--kind", "c"], /^--kind must be one of a, b$/],
    [["h", "M", "--speed"], /^--speed needs a value \(N\)$/],
    [["h", "M", "-s", "--flagged"], /^-s needs a value \(N\)$/],
    [["h", "M", "-s", "11"], /^-s must be a whole number within -10\.\.10$/],
    [["h", "M", "-s", "1", "-s", "2"], /^--speed is given 2 times$/],
    [["h", "M", "--flagged=yes"], /^--flagged takes no value$/],
    [["h", "M", "R", "-m", "N"], /^METHOD is given twice$/],
  ];
  for (const [line, message] of cases) {
    assert.match(usageText(() => parse(line)), message, line.join(" "));
  }
});

Deno.test("a negative number is a value and no option", () => {
  assert.equal(parse(["h", "M", "-s", "-5"]).options.speed, -5);
});

Deno.test("times, ports and numbers are read with their units and limits", () => {
  const times: [string, number][] = [
    ["10", 10_000],
    ["1.5", 1500],
    [".5", 500],
    ["500ms", 500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["3s", 3000],
  ];
  for (const [text, ms] of times) assert.equal(duration.parse(text), ms, text);
  for (const text of ["", "0", "-1", "1,5", "10 s", "1e3", "NaN", "25d", "999h"]) {
    assert.throws(() => duration.parse(text), SyntaxError, text);
  }
  assert.equal(port.parse("65535"), 65_535);
  for (const text of ["0", "65536", "http", "5000.0", "0x1f", " 1"]) {
    assert.throws(() => port.parse(text), SyntaxError, text);
  }
});
