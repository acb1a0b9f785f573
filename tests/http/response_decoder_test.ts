import assert from "node:assert/strict";
import fc from "fast-check";
import { DhipError } from "../../lib/errors.ts";
import { HeadReader, parseHeaderLines, parseStatusLine } from "../../lib/http/message_head.ts";
import { ResponseDecoder } from "../../lib/http/response_decoder.ts";
import { scaled, seeded } from "../support/random.ts";
import { bytesOf, cut, decode, type Decoded } from "./_replay.ts";

const RUNS = scaled(20_000);
const FEW_RUNS = scaled(2_000);
const pure = { permissions: "none" } as const;

interface Answer {
  name: string;
  text: string;
  method?: string;
  body?: string;
  status?: number;
  reusable?: boolean;
  code?: string;
}

const ANSWERS: Answer[] = [
  {
    name: "a body with its length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    body: "hello",
    reusable: true,
  },
  {
    name: "chunks, extensions and trailers",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" +
      '5;a="b"\r\nhello\r\n1  \r\n \r\n05\r\nworld\r\n000\r\nX-Sum: 1\r\n\r\n',
    body: "hello world",
    reusable: true,
  },
  {
    name: "a body until the end of the connection",
    text: "HTTP/1.1 200 OK\r\n\r\nall\r\nof it",
    body: "all\r\nof it",
  },
  {
    name: "bare line feeds",
    text: "HTTP/1.0 200 OK\nContent-Length: 2\nConnection: Keep-Alive\n\nok",
    body: "ok",
    reusable: true,
  },
  {
    name: "bare line feeds in chunks",
    text: "HTTP/1.1 200\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
    body: "ok",
    reusable: true,
  },
  { name: "no reason phrase", text: "HTTP/1.1 404\r\nContent-Length:0\r\n\r\n", status: 404 },
  {
    name: "interim answers are passed over",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    body: "x",
    reusable: true,
  },
  {
    name: "empty lines before the answer",
    text: "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    body: "x",
    reusable: true,
  },
  {
    name: "HEAD has no body",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
    method: "HEAD",
    reusable: true,
  },
  { name: "304 has no body", text: "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n", status: 304 },
  { name: "204 has no body", text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204 },
  {
    name: "connection: close",
    text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
    body: "x",
    reusable: false,
  },
  {
    name: "HTTP/1.0 closes by default",
    text: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    body: "x",
    reusable: false,
  },
  {
    name: "equal lengths said twice",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    body: "x",
    reusable: true,
  },
  {
    name: "chunked counts more than a length, and the connection is not kept",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "1\r\nx\r\n0\r\n\r\n",
    body: "x",
    reusable: false,
  },
  {
    name: "folded header lines",
    text: "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
    body: "ok",
    reusable: true,
  },
  {
    name: "two lengths",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a negative length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a length past all numbers",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "an unknown transfer coding",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "an unasked upgrade",
    text: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a header without a colon",
    text: "HTTP/1.1 200 OK\r\nhello\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a header name with a space",
    text: "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
    code: "DHIP_BAD_HTTP",
  },
  { name: "a NUL in a header", text: "HTTP/1.1 200 OK\r\na: \0\r\n\r\n", code: "DHIP_BAD_HTTP" },
  { name: "HTTP/2", text: "HTTP/2 200 OK\r\n\r\n", code: "DHIP_BAD_HTTP" },
  { name: "a status of two digits", text: "HTTP/1.1 20 OK\r\n\r\n", code: "DHIP_BAD_HTTP" },
  {
    name: "a chunk size that is none",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a chunk longer than its size",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz",
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "endless interim answers",
    text: "HTTP/1.1 100 C\r\n\r\n".repeat(9),
    code: "DHIP_BAD_HTTP",
  },
  { name: "another protocol", text: "SSH-2.0-OpenSSH_9.2\r\n", code: "DHIP_WRONG_PROTOCOL" },
  { name: "a TLS alert", text: "\x15\x03\x01\0\x02\x02\x46", code: "DHIP_WRONG_PROTOCOL" },
  { name: "DHIP", text: " \0\0\0DHIP" + "\0".repeat(24), code: "DHIP_WRONG_PROTOCOL" },
  {
    name: "a head without end",
    text: `HTTP/1.1 200 OK\r\nA: ${"b".repeat(70_000)}`,
    code: "DHIP_HTTP_TOO_LARGE",
  },
  {
    name: "300 headers",
    text: `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(300)}\r\n`,
    code: "DHIP_HTTP_TOO_LARGE",
  },
  {
    name: "a chunk size line without end",
    text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(5000)}`,
    code: "DHIP_HTTP_TOO_LARGE",
  },
  {
    name: "a body cut short",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    body: "hell",
    code: "DHIP_CONNECTION_LOST",
  },
  {
    name: "chunks cut short",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n",
    body: "hell",
    code: "DHIP_CONNECTION_LOST",
  },
  { name: "a head cut short", text: "HTTP/1.1 200 OK\r\nContent-", code: "DHIP_CONNECTION_LOST" },
  { name: "nothing", text: "", code: "DHIP_CONNECTION_LOST" },
];

function check(answer: Answer, decoded: Decoded): void {
  assert.equal(decoded.code, answer.code);
  if (answer.code !== undefined) {
    assert.ok(!decoded.ended);
    if (answer.body !== undefined) assert.equal(decoded.body, answer.body);
    return;
  }
  assert.equal(decoded.head!.status, answer.status ?? 200);
  assert.equal(decoded.body, answer.body ?? "");
  assert.ok(decoded.ended);
  if (answer.reusable !== undefined) assert.equal(decoded.reusable, answer.reusable);
}

for (const answer of ANSWERS) {
  Deno.test(`answer: ${answer.name}`, pure, () => {
    const bytes = bytesOf(answer.text);
    check(answer, decode([bytes], answer));
    check(answer, decode(Array.from(bytes, (byte) => new Uint8Array([byte])), answer));
    for (let seed = 0; seed < 20; seed++) check(answer, decode(cut(bytes, seeded(seed)), answer));
  });
}

Deno.test("bytes after an answer make the connection useless, and are not its body", pure, () => {
  const decoded = decode([bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK")]);
  assert.equal(decoded.body, "x");
  assert.ok(decoded.ended && !decoded.reusable);
});

Deno.test("header values keep their bytes, reasons become readable", pure, () => {
  const realm = "Вход";
  const bytes = new TextEncoder().encode(
    `HTTP/1.1 401 Нет\x1b[31m\r\nWWW-Authenticate: Digest realm="${realm}"\r\n` +
      "Set-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n",
  );
  const { head } = decode([bytes]);
  assert.equal(head!.reason, "Нет [31m");
  const value = head!.headers.get("www-authenticate")!;
  assert.equal(new TextDecoder().decode(bytesOf(value)), `Digest realm="${realm}"`);
  assert.deepEqual(head!.headers.getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("RTSP answers and header blocks of parts are read by the same reader", pure, () => {
  assert.deepEqual(parseStatusLine("RTSP/1.0 454 Session Not Found", "RTSP"), {
    version: "1.0",
    status: 454,
    reason: "Session Not Found",
  });
  assert.throws(() => parseStatusLine("HTTP/1.1 200 OK", "RTSP"), { code: "DHIP_BAD_HTTP" });
  const reader = new HeadReader();
  const bytes = bytesOf("A: 1\r\nB : 2\r\n\r\nbody");
  assert.equal(reader.push(bytes), bytes.length - 4);
  const headers = parseHeaderLines(reader.lines());
  assert.deepEqual([...headers], [["a", "1"], ["b", "2"]]);
  const empty = new HeadReader();
  assert.equal(empty.push(bytesOf("\r\nbody")), 2);
  assert.deepEqual(empty.lines(), []);
});

const mutated = fc.tuple(
  fc.constantFrom(...ANSWERS.map(({ text }) => text)),
  fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255), insert: fc.boolean() }), {
    maxLength: 6,
  }),
).map(([text, changes]) => {
  const bytes = [...bytesOf(text)].slice(0, 2000);
  for (const { at, byte, insert } of changes) bytes.splice(at, insert ? 0 : 1, byte);
  return new Uint8Array(bytes);
});

Deno.test("random and mutated bytes give an answer or a DhipError, whatever the cuts", pure, () => {
  const noise = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.oneof(mutated, noise), fc.nat(), (bytes, seed) => {
      const whole = decode([bytes]);
      const pieces = decode(cut(bytes, seeded(seed), 12));
      assert.equal(pieces.code, whole.code);
      assert.equal(pieces.ended, whole.ended);
      assert.equal(pieces.head?.status, whole.head?.status);
      if (whole.code === undefined) assert.equal(pieces.body, whole.body);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("any body survives any framing and any cuts", pure, () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 300, unit: "binary-ascii" }), { maxLength: 8 }),
      fc.constantFrom("length", "chunked", "close"),
      fc.nat(),
      (parts, framing, seed) => {
        const body = parts.join("");
        const text = framing === "length"
          ? `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
          : framing === "close"
          ? `HTTP/1.1 200 OK\r\n\r\n${body}`
          : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
            parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("") +
            "0\r\n\r\n";
        const decoded = decode(cut(bytesOf(text), seeded(seed)));
        assert.equal(decoded.code, undefined);
        assert.equal(decoded.body, body);
        assert.equal(decoded.reusable, framing !== "close");
      },
    ),
    { numRuns: FEW_RUNS },
  );
});

Deno.test("endless bytes of every kind end in an error or in flat memory", pure, () => {
  const heads = [
    "",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  ];
  const kinds = ["a", "a: b\r\n", "\r\n", "\n", "\0", "1;x", "0\r\na: b\r\n"];
  for (const head of heads) {
    for (const kind of kinds) {
      // A body without an announced end may be endless; it is handed on piece by piece.
      if (head === heads[1] && kind.trim() === "") continue;
      const decoder = new ResponseDecoder("GET");
      const block = bytesOf(kind.repeat(16_384 / kind.length));
      assert.throws(
        () => {
          for (const _ of decoder.push(bytesOf(head)));
          for (let i = 0; i < 100; i++) for (const _ of decoder.push(block));
        },
        DhipError,
        JSON.stringify(head + kind),
      );
    }
  }
});
