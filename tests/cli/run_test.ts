/** What the runner does around a command: exit codes, errors, several targets, interruption. */

import assert from "node:assert/strict";
import { combinedExit, exitCodeOf, toDhipError } from "../../lib/cli/failure.ts";
import { AuthError, DhipError, ERROR_CODES, type ErrorCode } from "../../lib/errors.ts";
import { cli, devices, FakeDevice, INFO, reply, unreachable } from "./_support.ts";
import { OutputClosed } from "../../lib/cli/io.ts";

const P = ["-P", "p", "-q"];

Deno.test("every error code ends with its documented exit code", async () => {
  for (const [code, { exit }] of Object.entries(ERROR_CODES)) {
    const { library } = devices(() => new DhipError(code as ErrorCode, "m", { hint: "h" }));
    const text = await cli(["info", "h", ...P], { library, terminal: true });
    assert.deepEqual([text.code, text.out, text.err], [exit, "", "dhip: m\nhint: h\n"], code);
    const json = await cli(["info", "h", ...P], { library });
    assert.equal(json.err.split("\n").length, 2, "one line");
    assert.deepEqual(JSON.parse(json.err), {
      error: {
        code,
        message: "m",
        retryable: ERROR_CODES[code as ErrorCode].retryable,
        hint: "h",
      },
    });
  }
});

Deno.test("mistakes of the caller are usage errors, anything else is a defect", () => {
  const cases: [unknown, number][] = [
    [new RangeError("port must be an integer within 1..65535"), 2],
    [new SyntaxError("Not a target"), 2],
    [new TypeError("password must be text"), 2],
    [new TypeError("Cannot read properties of undefined (reading 'x')"), 1],
    [new TypeError("x is not a function"), 1],
    [new RangeError("Maximum call stack size exceeded"), 1],
    [new Error("boom"), 1],
    ["text", 1],
  ];
  for (const [error, exit] of cases) assert.equal(exitCodeOf(toDhipError(error)), exit, `${error}`);
});

Deno.test("a refused login tells attempts left and lock time", async () => {
  const { library, logins } = devices(() =>
    new AuthError("DHIP_AUTH_REFUSED", "Login refused: wrong password", {
      host: "h:5000",
      attemptsLeft: 3,
      lockSeconds: 300,
      deviceCode: 268632085,
      hint: "Check it.",
    })
  );
  const text = await cli(["info", "h", ...P], { library, terminal: true });
  assert.equal(
    text.err,
    "dhip: h:5000: Login refused: wrong password (3 attempts left, lock time 300 s)\n" +
      "hint: Check it.\n",
  );
  const { error } = JSON.parse((await cli(["info", "h", ...P], { library })).err);
  assert.deepEqual([error.attemptsLeft, error.lockSeconds, error.deviceCode], [3, 300, 268632085]);
  assert.equal(text.code, 4);
  assert.equal(logins.length, 2, "one attempt a run");
});

Deno.test("a refused call tells the device's code, its meaning and what to do", async () => {
  const { library } = devices(() => ({
    reply: () => reply({ result: false, error: { code: 268894210, message: "Method not found!" } }),
  }));
  const { code, out, err } = await cli(["call", "h", "x.y", ...P], { library, terminal: true });
  assert.deepEqual([code, out], [5, ""]);
  assert.match(
    err,
    /^dhip: .*x\.y was refused: method not found, device code 268894210 .*\nhint: /,
  );
  const whole = await cli(["call", "h", "x.y", "--envelope", ...P], { library });
  assert.equal(whole.code, 5);
  assert.equal(JSON.parse(whole.out).error.code, 268894210);
  assert.equal(JSON.parse(whole.err).error.code, "DHIP_METHOD_NOT_FOUND");
});

Deno.test("a stack shows with -vv only", async () => {
  const { library } = devices(() => new Error("boom", { cause: new Error("deeper") }));
  const run = (...argv: string[]) => cli(["info", "h", ...P, ...argv], { library, terminal: true });
  assert.doesNotMatch((await run("-v")).err, /\bat \S+:\d+/);
  assert.match((await run("-vv")).err, /\bat .*:\d+/);
  assert.match((await run("-vv")).err, /caused by Error: deeper/);
});

Deno.test("exit codes of several targets", async () => {
  const cases: [number[], number][] = [
    [[0, 0], 0],
    [[0, 3], 6],
    [[3, 3], 3],
    [[3, 4], 4],
    [[1, 5, 3], 3],
    [[0, 130], 130],
    [[5, 1], 5],
  ];
  for (const [codes, exit] of cases) assert.equal(combinedExit(codes), exit, codes.join());
  const all = devices(({ host }) => unreachable(host));
  assert.equal((await cli(["info", "a,b", ...P], all)).code, 3);
});

Deno.test("several targets run side by side, within the limit", async () => {
  let open = 0;
  let most = 0;
  const { library, logins } = devices(() => ({
    info: async () => {
      most = Math.max(most, ++open);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      open--;
      return INFO;
    },
  }));
  const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
  const { code, out } = await cli(["info", ...hosts, "--concurrency", "3", ...P], { library });
  assert.deepEqual([code, most, logins.length], [0, 3, 20]);
  assert.deepEqual(JSON.parse(out).map(({ target }: { target: string }) => target), hosts);
});

Deno.test("options reach the connection", async () => {
  const { library, logins } = devices();
  const line = ["info", "h", "-p5001", "--timeout", "2", "--allow-cleartext-login", "-u", "eve"];
  await cli([...line, ...P], { library });
  const { port, timeout, connectTimeout, allowCleartext, user } = logins[0]!.options;
  assert.deepEqual(
    { port, timeout, connectTimeout, allowCleartext, user },
    { port: 5001, timeout: 2000, connectTimeout: 2000, allowCleartext: true, user: "eve" },
  );
});

Deno.test("global options may stand before the command", async () => {
  const { library, logins } = devices();
  const { out } = await cli(["-u", "eve", "-o", "csv", ...P, "info", "h"], { library });
  assert.match(out, /^model,/);
  assert.equal(logins[0]!.options.user, "eve");
});

Deno.test("every device is left, whether its work succeeded or failed", async () => {
  let closed = 0;
  const onClose = () => void closed++;
  const { library } = devices(({ host }) => ({
    onClose,
    ...(host === "b" ? { info: () => Promise.reject(unreachable("b")) } : {}),
  }));
  assert.equal((await cli(["info", "a,b,c", ...P], { library })).code, 6);
  assert.equal(closed, 3);
});

Deno.test("a failed logout does not hide the result", async () => {
  const { library } = devices(() => ({ onClose: () => Promise.reject(new Error("gone")) }));
  assert.equal((await cli(["info", "h", ...P], { library })).code, 0);
});

Deno.test("what a device does not know is told and is no failure; a broken link is", async () => {
  const problem = (code: ErrorCode) => ({
    cpu: null,
    problems: [{ field: "cpu", error: new DhipError(code, "no") }],
  });
  const missing = devices(() => ({ info: problem("DHIP_METHOD_NOT_FOUND") }));
  const run = await cli(["info", "h", "-P", "p"], missing);
  assert.equal(run.code, 0);
  assert.match(run.err, /h: no cpu: no\n$/);
  assert.equal(JSON.parse(run.out).problems[0].error.message, "no");
  const broken = devices(() => ({ info: problem("DHIP_CONNECTION_LOST") }));
  const half = await cli(["info", "h", ...P], broken);
  assert.equal(half.code, 3);
  assert.equal(JSON.parse(half.out).model, "IPC-1", "what was read is shown");
});

Deno.test("Ctrl-C during a call logs out and exits 130", async () => {
  const interrupt = new AbortController();
  let closed = 0;
  const { library } = devices(() => ({
    info: () => {
      interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
      return new Promise(() => {}); // a call that does not listen to the signal
    },
    onClose: () => void closed++,
  }));
  const around = { library, interrupt: interrupt.signal, terminal: true };
  const { code, out, err } = await cli(["info", "h", ...P], around);
  assert.deepEqual([code, out, err, closed], [130, "", "dhip: Interrupted\n", 1]);
});

Deno.test("Ctrl-C waits for a logout that hangs, but not for ever", async () => {
  const interrupt = new AbortController();
  const { library } = devices(() => ({
    info: () => {
      interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
      return new Promise(() => {});
    },
    onClose: () => new Promise(() => {}),
  }));
  assert.equal(
    (await cli(["info", "h", ...P], { library, interrupt: interrupt.signal })).code,
    130,
  );
});

Deno.test("Ctrl-C with several targets keeps the results there are", async () => {
  const interrupt = new AbortController();
  const { library } = devices(({ host }) => ({
    info: () => {
      if (host === "a") return Promise.resolve(INFO);
      interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
      return new Promise(() => {});
    },
  }));
  const line = ["info", "a,b,c", "--concurrency", "1", ...P];
  const { code, out } = await cli(line, { library, interrupt: interrupt.signal });
  assert.equal(code, 130);
  const [a, b, c] = JSON.parse(out);
  assert.equal(a.result.model, "IPC-1");
  assert.deepEqual([b.error.code, c.error.code], ["DHIP_INTERRUPTED", "DHIP_INTERRUPTED"]);
});

Deno.test("simulate prints one line of JSON and ends with 0 on Ctrl-C", async () => {
  const interrupt = new AbortController();
  const ready = { host: "127.0.0.1", dhipPort: 5000 };
  let given: unknown;
  let stopped = 0;
  const { code, out } = await cli(
    ["simulate", "--devices", "2", "--seed=7", "--fault", "one-byte", "--fault", "reorder"],
    {
      interrupt: interrupt.signal,
      onOutput: () => interrupt.abort(),
      library: {
        simulate(options) {
          given = options;
          const simulator = { ready, [Symbol.asyncDispose]: () => Promise.resolve(void stopped++) };
          return Promise.resolve(simulator as unknown as never);
        },
      },
    },
  );
  assert.deepEqual([code, out, stopped], [0, `${JSON.stringify(ready)}\n`, 1]);
  assert.deepEqual(given, {
    host: "127.0.0.1",
    dhipPort: 5000,
    user: "admin",
    devices: 2,
    seed: 7,
    faults: ["one-byte", "reorder"],
  });
});

Deno.test("a reader that went away ends the run without a word", async () => {
  const onOutput = () => {
    throw new OutputClosed();
  };
  for (const argv of [["info", "h"], ["info", "a,b"], ["info", "--help"], ["help"]]) {
    const { code, err } = await cli([...argv, "-q"], { onOutput, env: { DHIP_PASSWORD: "p" } });
    assert.deepEqual([code, err], [0, ""], argv.join(" "));
  }
});

Deno.test("-v tells the steps, -vv the messages, --log-json both as JSON", async () => {
  const { library } = devices();
  library.connect = (_target, options) => {
    options.onNotice?.("a notice");
    options.onTrace?.("> global.login #1");
    return Promise.resolve(new FakeDevice());
  };
  const run = (...argv: string[]) =>
    cli(["info", "h", ...argv], { library, env: { DHIP_PASSWORD: "p" } });
  assert.equal((await run()).err, "a notice\n");
  assert.equal((await run("-q")).err, "");
  const steps = "h: connecting\nNh: logged in as admin\nh: logged out\n";
  assert.equal((await run("-v", "-q")).err, steps.replace("N", ""));
  assert.equal((await run("-v")).err, steps.replace("N", "a notice\n"));
  assert.equal((await run("-vv")).err, steps.replace("N", "a notice\n> global.login #1\n"));
  const lines = (await run("-vv", "--log-json")).err.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ level }) => level), ["step", "notice", "trace", "step", "step"]);
  assert.deepEqual(lines[1], {
    time: "2026-01-02T03:04:05.000Z",
    level: "notice",
    message: "a notice",
  });
});

Deno.test("--params comes from the line, a file or standard input", async () => {
  const seen: unknown[] = [];
  const { library } = devices(() => ({
    reply: (_method, params) => {
      seen.push(params);
      return reply({ result: true });
    },
  }));
  const env = { DHIP_PASSWORD: "p" };
  const files = { "p.json": { text: '{"from":"file"}' } };
  const run = (...argv: string[]) =>
    cli(["call", "h", "M", ...argv], { library, env, files, stdin: '{"from":"stdin"}' });
  await run();
  await run("--params", '{"a":1}');
  await run("--params=@p.json");
  await run("--params", "-");
  await run("--params=-5");
  assert.deepEqual(seen, [null, { a: 1 }, { from: "file" }, { from: "stdin" }, -5]);
  for (const bad of ["{a:1}", ""]) assert.equal((await run(`--params=${bad}`)).code, 2, bad);
  const missing = await run("--params=@missing");
  assert.deepEqual([missing.code, JSON.parse(missing.err).error.code], [1, "DHIP_FILE"]);
});

Deno.test("a binary part is kept where the user says, and never lost without a word", async () => {
  const { library } = devices(() => ({
    reply: () => reply({ result: true }, new Uint8Array([1, 2, 3])),
  }));
  const run = (target: string, ...argv: string[]) =>
    cli(["call", target, "M", ...argv], { library, env: { DHIP_PASSWORD: "p" } });
  assert.match((await run("h")).err, /^h: 3 bytes of binary data in the reply; --binary-out/);
  const kept = await run("h", "--binary-out", "out.bin");
  assert.deepEqual([...kept.written], [["out.bin", new Uint8Array([1, 2, 3])]]);
  const several = await run("a,[::1]:5", "--binary-out", "{host}.bin");
  assert.deepEqual([...several.written.keys()].sort(), ["_1_5.bin", "a.bin"]);
  assert.equal((await run("a,b", "--binary-out", "out.bin")).code, 2);
  const refused = await run("h", "--binary-out", "unwritable");
  assert.deepEqual([refused.code, JSON.parse(refused.err).error.code], [1, "DHIP_FILE"]);
  const none = devices(() => ({ reply: () => reply({ result: true }) }));
  const missing = await cli(["call", "h", "M", "--binary-out", "x", ...P], none);
  assert.deepEqual([missing.code, missing.written.size], [1, 0]);
});
