import assert from "node:assert/strict";
import { AuthError, DhipError, ERROR_CODES } from "../../lib/errors.ts";
import { DEVICE_ERRORS, formatDeviceCode } from "../../lib/dhip/device_errors.ts";
import {
  deviceError,
  isPush,
  objectIdOf,
  refusalOf,
  requestEnvelope,
  unwrap,
} from "../../lib/dhip/envelope.ts";

Deno.test("every response shape of the reference is unwrapped", () => {
  const time = "2026-06-18 11:46:19";
  for (
    const [reply, payload] of [
      [{ result: true, params: { sn: "X" } }, { sn: "X" }],
      [{ result: true, params: [{ Id: 1 }] }, [{ Id: 1 }]],
      [{ result: time, params: null }, time],
      [{ result: 12 }, 12],
      [{ result: 12, params: { SID: 1 } }, { SID: 1 }],
      [{ result: true }, true],
      [{ result: true, params: null }, true],
      [{ result: false }, false],
      [{ result: false, params: { moving: false } }, false],
      [{ result: true, params: { a: 1 }, error: {} }, { a: 1 }],
      [{ result: true, error: { code: 0, message: "OK" } }, true],
    ] as const
  ) assert.deepEqual(unwrap(reply as Record<string, unknown>), payload, JSON.stringify(reply));
});

Deno.test("what was never seen as success is a failure", () => {
  for (const result of [undefined, null, 0, "", "false"]) {
    assert.throws(() => unwrap({ id: 1, result }, "a.b", "h"), {
      code: "DHIP_DEVICE_REFUSED",
      method: "a.b",
      host: "h",
    });
  }
});

Deno.test("a refusal keeps code, meaning, method, host and hint", () => {
  const error = { code: 268894210, message: "Method not found!" };
  assert.throws(() => unwrap({ result: false, error }, "magicBox.fly", "192.0.2.1:5000"), {
    name: "DhipError",
    code: "DHIP_METHOD_NOT_FOUND",
    deviceCode: 268894210,
    message: "magicBox.fly was refused: method not found, device code 268894210 (0x10070002)",
    hint: "List what the device offers: dhip services TARGET [SERVICE]",
    retryable: false,
  });
});

Deno.test("an unknown code keeps the device's words, without control characters", () => {
  const text = "\u001b[31mno\u0000pe\u009b " + "x".repeat(500);
  const error = deviceError(refusalOf({ result: false, error: { code: 99, message: text } })!);
  assert.match(error.message, /\[31mno pe/);
  assert.ok(error.message.length < 300);
  // deno-lint-ignore no-control-regex -- the absence of control characters is the test
  assert.ok(!/[\u0000-\u001f\u007f-\u009f]/.test(error.message));
});

Deno.test("lock information in a refusal's params is kept", () => {
  const params = { remainLoginTimes: "2", remainLockSecond: 0 };
  const error = deviceError({ deviceCode: 268632085, text: "" }, { params });
  assert.ok(error instanceof AuthError);
  assert.equal(error.attemptsLeft, 2);
  assert.equal(error.lockSeconds, 0);
  const silent = deviceError({ deviceCode: 268632081, text: "" }, { params: null });
  assert.ok(silent instanceof AuthError && silent.lockSeconds === undefined);
});

Deno.test("reasons sent as text are understood", () => {
  for (
    const [text, code] of [
      ["UserNotValidt", "DHIP_AUTH_REFUSED"],
      ["InBlackList", "DHIP_AUTH_LOCKED"],
      ["HasBeedUsed", "DHIP_AUTH_BUSY"],
    ]
  ) {
    const reply = { result: false, error: {}, params: { error: text } };
    assert.equal(deviceError(refusalOf(reply)!).code, code);
  }
});

Deno.test("object ids come from result, and only real ones count", () => {
  assert.equal(objectIdOf({ result: 7, params: { object: 9 } }, "a.factory.create"), 7);
  for (const result of [true, -1, 1.5, "7"]) {
    assert.throws(() => objectIdOf({ result }, "a.factory.create"), { code: "DHIP_BAD_REPLY" });
  }
  assert.throws(() => objectIdOf({ result: 0 }, "a.factory.create"), {
    code: "DHIP_DEVICE_REFUSED",
  });
});

Deno.test("pushes are told from replies by callback or method", () => {
  assert.ok(isPush({ id: 8, method: "client.notifyEventStream" }));
  assert.ok(isPush({ id: 8, callback: 3, params: {} }));
  assert.ok(!isPush({ id: 8, result: true }));
});

Deno.test("object and extra fields stand beside params; no params is null", () => {
  assert.deepEqual(requestEnvelope(1, { method: "a.b" }), {
    method: "a.b",
    id: 1,
    params: null,
  });
  assert.deepEqual(
    requestEnvelope(2, { method: "a.b", params: {}, session: 3, object: 4, extra: { seq: 5 } }),
    { method: "a.b", id: 2, params: {}, session: 3, object: 4, seq: 5 },
  );
});

Deno.test("the device error table is sound", () => {
  for (const [code, info] of Object.entries(DEVICE_ERRORS)) {
    assert.ok(info.code in ERROR_CODES, code);
    assert.ok(info.meaning.length > 3);
    assert.ok(deviceError({ deviceCode: Number(code), text: "" }) instanceof DhipError);
  }
  // Known mistakes of other tools: these three are not what their tables say.
  assert.equal(DEVICE_ERRORS[268894210]!.code, "DHIP_METHOD_NOT_FOUND");
  assert.equal(DEVICE_ERRORS[287637504]!.code, "DHIP_SESSION_LOST");
  assert.equal(DEVICE_ERRORS[28763750], undefined);
  assert.equal(formatDeviceCode(268632085), "268632085 (0x10030015)");
  assert.equal(formatDeviceCode(405), "405");
});
