import assert from "node:assert/strict";
import {
  LoadfileDecoder,
  type LoadfileEvent,
  type LoadfileHead,
} from "../../lib/dhip/loadfile_answer.ts";
import { fileTarget, liveTarget, timeTarget } from "../../lib/dhip/loadfile.ts";
import { DhipError } from "../../lib/errors.ts";
import { ResponseDecoder } from "../../lib/http/response_decoder.ts";
import { concat } from "../../lib/net/bytes.ts";
import { cut } from "../http/_replay.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { fromHex } from "../support/vectors.ts";
import vectors from "../vectors/rpc_loadfile.json" with { type: "json" };

const RUNS = scaled(200_000);
const CUTS = scaled(1000);
const pure = { permissions: "none" } as const;

interface Vector {
  readonly name: string;
  readonly request?: {
    readonly target: string;
    readonly filePath?: string;
    readonly object?: number;
  };
  readonly response: { readonly status: number; readonly headers: Record<string, string> };
  readonly response_hex: string;
  readonly expected: {
    readonly form: string;
    readonly payload_hex: string | null;
    readonly payloadContentType?: string;
    readonly statusJson?: unknown;
    readonly error: { readonly kind: string; readonly code?: number } | null;
  };
}

interface Got {
  form: string | undefined;
  contentType: string | null;
  length: number | null;
  payload: string;
  status: unknown[];
  error: DhipError | undefined;
}

/** Reads an answer from its pieces, and the end of the connection. */
function read(pieces: Iterable<Uint8Array>): Got {
  const got: Got = {
    form: undefined,
    contentType: null,
    length: null,
    payload: "",
    status: [],
    error: undefined,
  };
  const http = new ResponseDecoder("GET");
  let decoder: LoadfileDecoder | undefined;
  const take = (events: Iterable<LoadfileEvent>) => {
    for (const event of events) {
      if (event.kind === "status") got.status.push(event.json);
      else if (event.kind === "data") got.payload += event.bytes.toHex();
      else {
        assert.equal(got.payload, "", "told before the first byte");
        got.form = event.form;
        got.contentType = event.contentType;
        got.length = event.length;
      }
    }
  };
  const pass = (events: ReturnType<ResponseDecoder["push"]>) => {
    for (const event of events) {
      if (event.kind === "head") decoder = new LoadfileDecoder(event.head, { host: "h" });
      else if (event.kind === "data") take(decoder!.push(event.bytes));
      else take(decoder!.end());
    }
  };
  try {
    for (const piece of pieces) {
      const reused = piece.slice();
      pass(http.push(reused));
      reused.fill(0xaa);
    }
    pass(http.end());
  } catch (error) {
    if (!(error instanceof DhipError)) throw error;
    got.error = error;
  }
  return got;
}

/** Codes for the kinds of errors of the vectors. */
const CODES: Readonly<Record<string, string>> = {
  rpc: "DHIP_NO_PERMISSION",
  http: "DHIP_DEVICE_REFUSED",
  empty: "DHIP_INCOMPLETE",
  short_body: "DHIP_CONNECTION_LOST",
};

for (const vector of vectors as unknown as Vector[]) {
  Deno.test(`vector: ${vector.name}`, pure, () => {
    const { expected } = vector;
    const bytes = fromHex(vector.response_hex);
    const random = seeded(vector.name.length);
    const ways = [
      [bytes],
      [...cut(bytes, random, 1)],
      ...Array.from({ length: CUTS }, () => [...cut(bytes, random)]),
    ];
    for (const pieces of ways) {
      const got = read(pieces);
      assert.equal(got.payload, expected.payload_hex ?? "");
      if (expected.error === null) {
        assert.equal(got.error, undefined);
        assert.equal(got.form, expected.form);
        if (expected.payloadContentType !== undefined) {
          assert.equal(got.contentType, expected.payloadContentType);
        }
        const status = expected.statusJson === undefined ? [] : [expected.statusJson];
        assert.deepEqual(got.status, status);
      } else {
        assert.equal(got.error?.code, CODES[expected.error.kind]);
        if (expected.error.code !== undefined) {
          assert.equal(got.error?.deviceCode, expected.error.code);
        }
      }
    }
    const { request } = vector;
    if (request?.filePath !== undefined) {
      const form = request.target.startsWith("/cgi-bin") ? "cgi" : "session";
      assert.equal(fileTarget(form, request.filePath), request.target);
    }
    if (request?.object !== undefined) {
      assert.equal(liveTarget(request.object), request.target);
    }
  });
}

Deno.test("every sign of a path survives the way", pure, () => {
  const path = "/mnt/a b/100%/[R][0@0]/ü?#&.dav";
  const target = fileTarget("session", path);
  assert.match(target, /^[\w/%.()&~*'!-]+$/);
  assert.equal(decodeURIComponent(target), `/RPC_Loadfile${path}`);
  assert.equal(fileTarget("cgi", "x\ud800"), "/cgi-bin/RPC_Loadfile/x%EF%BF%BD");
  assert.equal(
    timeTarget({ channel: 2, from: "2026-04-29 09:55:00", to: "2026-04-29 10:05:00", subtype: 1 }),
    "/cgi-bin/loadfile.cgi?action=startLoad&channel=2&startTime=2026-04-29%2009%3A55%3A00" +
      "&endTime=2026-04-29%2010%3A05%3A00&subtype=1",
  );
});

const TEXT = new TextEncoder();

function decode(body: string | Uint8Array, head: Partial<LoadfileHead> = {}): Got {
  const bytes = typeof body === "string" ? TEXT.encode(body) : body;
  const headers = [...(head.headers ?? new Headers())].map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const start = `HTTP/1.1 ${head.status ?? 200} X\r\n${headers.join("")}\r\n`;
  return read([TEXT.encode(start), bytes]);
}

const REFUSALS: readonly (readonly [string, number, string, string])[] = [
  ["a login page", 200, "<!DOCTYPE html><html><body>Login</body></html>", "DHIP_NOT_SUPPORTED"],
  ["a page without a doctype", 200, "  <html><head></head></html>", "DHIP_NOT_SUPPORTED"],
  ["the word Error", 200, "Error\r\nBad Request!\r\n", "DHIP_DEVICE_REFUSED"],
  ["busy", 200, "Error: Device busy", "DHIP_DEVICE_BUSY"],
  ["no right", 403, "Authority:check failure.", "DHIP_NO_PERMISSION"],
  ["unavailable", 503, "", "DHIP_DEVICE_BUSY"],
  ["bad request", 400, "", "DHIP_BAD_PARAMS"],
  ["no such method", 501, "", "DHIP_NOT_SUPPORTED"],
  ["teapot", 418, "", "DHIP_HTTP_STATUS"],
  [
    "JSON under an error status",
    400,
    '{"result":false,"error":{"code":268894210}}',
    "DHIP_METHOD_NOT_FOUND",
  ],
  ["a success without a file", 200, '{"result":true}', "DHIP_INCOMPLETE"],
  ["false", 200, '{"result":false}', "DHIP_DEVICE_REFUSED"],
  ["half of a JSON", 200, '{"result":true,"params":{"body":"REhB', "DHIP_INCOMPLETE"],
  ["Base64 that is none", 200, '{"result":true,"params":{"body":"RE*BVg=="}}', "DHIP_BAD_REPLY"],
  ["JSON and something", 200, `{"result":true} ${"x".repeat(300)}`, "DHIP_BAD_REPLY"],
];

for (const [name, status, body, code] of REFUSALS) {
  Deno.test(`a refusal is never a file: ${name}`, pure, () => {
    const got = decode(body, { status });
    assert.deepEqual([got.form, got.payload, got.error?.code], [undefined, "", code]);
    assert.equal(got.error?.host, "h");
  });
}

Deno.test("a multipart body that nobody announced is still one", pure, () => {
  const got = decode("--b1\r\nContent-Type: application/octet-stream\r\n\r\nDHAVxyz\r\n--b1--\r\n");
  assert.deepEqual([got.form, got.payload], ["multipart", TEXT.encode("DHAVxyz").toHex()]);
});

Deno.test("a refusal inside a multipart body is one", pure, () => {
  const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const headers = new Headers({ "content-type": "multipart/mixed; boundary=b" });
  const refused = '{"result":false,"error":{"code":285278249}}';
  const inHttp = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>404</h1>";
  for (
    const [body, code] of [
      [part("application/json", refused) + "--b--\r\n", "DHIP_NO_PERMISSION"],
      [part("application/http", inHttp) + "--b--\r\n", "DHIP_DEVICE_REFUSED"],
      [part("application/json", '{"result":true}') + "--b--\r\n", "DHIP_INCOMPLETE"],
      ["--b\r\nContent-Type: application/octet-stream\r\n\r\nDHAV", "DHIP_CONNECTION_LOST"],
    ] as const
  ) assert.equal(decode(body, { headers }).error?.code, code);
  const short = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nDHAV0123";
  const got = decode(part("application/http", short) + "--b--\r\n", { headers });
  assert.match(got.error!.message, /sent 8 of 100 bytes/);
});

Deno.test("text and pictures that look like something else are files", pure, () => {
  const files = [
    TEXT.encode("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=".repeat(10)), // Base64 letters, of no known file
    fromHex("ffd8ffe000104a46494600"),
    TEXT.encode("DHAV"),
    TEXT.encode("-"),
    new Uint8Array(1000),
  ];
  for (const file of files) {
    const got = decode(file);
    assert.deepEqual([got.form, got.payload], ["raw", file.toHex()]);
  }
});

Deno.test("JSON is held in memory up to a limit", pure, () => {
  const head = { status: 200, headers: new Headers() };
  const decoder = new LoadfileDecoder(head, { maxJson: 1000 });
  const piece = TEXT.encode(`{"params":{"body":"${"A".repeat(100)}`);
  assert.throws(() => {
    for (let index = 0; index < 20; index++) [...decoder.push(piece)];
  }, { code: "DHIP_HTTP_TOO_LARGE" });
});

Deno.test("mutated answers give a file or a typed error", pure, () => {
  const random = seeded(5);
  const seeds = (vectors as unknown as Vector[]).map(({ response_hex }) => fromHex(response_hex));
  for (let run = 0; run < RUNS; run++) {
    const bytes = seeds[between(random, 0, seeds.length - 1)]!.slice();
    for (let count = between(random, 1, 6); count > 0; count--) {
      bytes[between(random, 0, bytes.length - 1)] = between(random, 0, 255);
    }
    const from = between(random, 0, bytes.length);
    const mutated = random() < 0.3
      ? concat([bytes.subarray(0, from), bytes.subarray(between(random, 0, bytes.length))])
      : bytes;
    const whole = read([mutated]);
    const pieces = read(cut(mutated, random));
    assert.equal(pieces.error?.code, whole.error?.code);
    // How much is given before an error depends on how much came at once.
    const [less, more] = [whole, pieces].map(({ payload }) => payload).sort() as [string, string];
    if (whole.error === undefined) assert.equal(less, more);
    else assert.ok(more.startsWith(less));
  }
});
