import assert from "node:assert/strict";
import fc from "fast-check";
import { DhipError } from "../../lib/errors.ts";
import { boundaryOf, MultipartDecoder, type MultipartLimits } from "../../lib/http/multipart.ts";
import { scaled, seeded } from "../support/random.ts";
import { bytesOf, cut, textOf } from "./_replay.ts";

const RUNS = scaled(20_000);
const FEW_RUNS = scaled(5_000);
const pure = { permissions: "none" } as const;

interface Part {
  headers: Record<string, string>;
  body: string;
}

interface Decoded {
  parts: Part[];
  /** A part that was begun and not ended. */
  open: Part | undefined;
  complete: boolean;
  code: string | undefined;
}

function decode(
  pieces: Iterable<Uint8Array>,
  boundary = "myboundary",
  limits?: MultipartLimits,
): Decoded {
  const result: Decoded = { parts: [], open: undefined, complete: false, code: undefined };
  const decoder = new MultipartDecoder(boundary, limits);
  const take = (events: ReturnType<MultipartDecoder["push"]>) => {
    for (const event of events) {
      if (event.kind === "part") {
        assert.equal(result.open, undefined);
        result.open = { headers: Object.fromEntries(event.headers), body: "" };
      } else if (event.kind === "data") {
        assert.ok(event.bytes.length > 0);
        result.open!.body += textOf(event.bytes);
      } else {
        result.parts.push(result.open!);
        result.open = undefined;
      }
    }
  };
  try {
    for (const piece of pieces) {
      const reused = piece.slice();
      take(decoder.push(reused));
      reused.fill(0xaa);
    }
    take(decoder.end());
  } catch (error) {
    assert.ok(error instanceof DhipError, String(error));
    result.code = error.code;
  }
  result.complete = decoder.complete;
  return result;
}

interface Case {
  name: string;
  text: string;
  bodies: string[];
  boundary?: string;
  code?: string;
  complete?: boolean;
}

const EVENT = "Code=VideoMotion;action=Start;index=0";

const CASES: Case[] = [
  {
    name: "as the RFC has it",
    text: "preamble\r\n--myboundary\r\nA: 1\r\n\r\none\r\n--myboundary \t\r\n\r\ntwo\r\n\r\n" +
      "--myboundary--\r\nepilogue\r\n--myboundary\r\n",
    bodies: ["one", "two\r\n"],
    complete: true,
  },
  {
    name: "an event stream with lengths",
    text: `--myboundary\r\nContent-Type: text/plain\r\nContent-Length: ${EVENT.length}\r\n\r\n` +
      `${EVENT}\r\n\r\n--myboundary\r\nContent-Type: text/plain\r\nContent-Length:9\r\n\r\n` +
      "Heartbeat\r\n\r\n",
    bodies: [EVENT, "Heartbeat"],
  },
  {
    name: "a length that does not count the empty line before the text",
    text: "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n\r\nHeartbeat\r\n" +
      "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n\r\nHeartbeat",
    bodies: ["Heartbeat", "Heartbeat"],
  },
  {
    name: "a length that counts the empty line before the text",
    text:
      "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n\r\nHeartbeat\r\n" +
      "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n\r\nHeartbeat\r\n",
    bodies: ["Heartbeat", "Heartbeat"],
  },
  {
    name: "a length that counts the line end after the text",
    text: "--myboundary\r\nContent-Length: 11\r\n\r\nHeartbeat\r\n--myboundary--\r\n",
    bodies: ["Heartbeat\r\n"],
    complete: true,
  },
  {
    name: "a length that is too large",
    text: "--myboundary\r\nContent-Length: 500\r\n\r\none\r\n--myboundary\r\n\r\ntwo\r\n" +
      "--myboundary--",
    bodies: ["one", "two"],
    complete: true,
  },
  {
    name: "a length that is nonsense",
    text: "--myboundary\r\nContent-Length: -1\r\n\r\none\r\n--myboundary--",
    bodies: ["one"],
    complete: true,
  },
  {
    name: "bare line feeds",
    text: "--myboundary\nContent-Length: 3\n\none\n--myboundary\n\ntwo\n--myboundary--\n",
    bodies: ["one", "two"],
    complete: true,
  },
  {
    name: "a boundary named with its dashes",
    text: "--myboundary\r\n\r\none\r\n--myboundary--\r\n",
    boundary: "--myboundary",
    bodies: ["one"],
    complete: true,
  },
  {
    name: "a boundary named with its dashes, and two more in the body",
    text: "----myboundary\r\n\r\none\r\n----myboundary--\r\n",
    boundary: "--myboundary",
    bodies: ["one"],
    complete: true,
  },
  {
    name: "binary parts with a length keep what looks like lines",
    text: "--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: 12\r\n\r\n" +
      "\xff\xd8\r\n--my\r\n\xff\xd9\r\n--myboundary--",
    bodies: ["\xff\xd8\r\n--my\r\n\xff\xd9"],
    complete: true,
  },
  {
    name: "binary parts that begin with a line end keep it",
    text: "--myboundary\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\n" +
      "\r\nab\r\n--myboundary--",
    bodies: ["\r\nab"],
    complete: true,
  },
  {
    name: "lines that only begin like a delimiter",
    text:
      "--myboundary\r\n\r\n--myboundaryX\r\n-myboundary\r\nx--myboundary\r\n--myboundary x\r\n" +
      "--myboundary--",
    bodies: ["--myboundaryX\r\n-myboundary\r\nx--myboundary\r\n--myboundary x"],
    complete: true,
  },
  {
    name: "empty parts",
    text: "--myboundary\r\n\r\n\r\n--myboundary\r\nA: b\r\n\r\n--myboundary\r\n" +
      "Content-Length: 0\r\n\r\n\r\n--myboundary--",
    bodies: ["", "", ""],
    complete: true,
  },
  { name: "a body without parts", text: "--myboundary--\r\n", bodies: [], complete: true },
  {
    name: "a stream that ends behind a delimiter",
    text: "--myboundary\r\n\r\none\r\n--myboundary\r\n",
    bodies: ["one"],
  },
  {
    name: "a part cut short of its length by two bytes",
    text: "--myboundary\r\nContent-Length: 5\r\n\r\nabc",
    bodies: [],
    code: "DHIP_CONNECTION_LOST",
  },
  {
    name: "a part without length cut short",
    text: "--myboundary\r\n\r\nabc\r\n",
    bodies: [],
    code: "DHIP_CONNECTION_LOST",
  },
  {
    name: "a head cut short",
    text: "--myboundary\r\nContent-",
    bodies: [],
    code: "DHIP_CONNECTION_LOST",
  },
  { name: "no boundary at all", text: '{"error":"x"}', bodies: [], code: "DHIP_BAD_HTTP" },
  {
    name: "no boundary for long",
    text: "x\r\n".repeat(30_000),
    bodies: [],
    code: "DHIP_BAD_HTTP",
  },
  {
    name: "a head that is none",
    text: "--myboundary\r\nno colon\r\n\r\n",
    bodies: [],
    code: "DHIP_BAD_HTTP",
  },
];

function check(expected: Case, decoded: Decoded): void {
  assert.equal(decoded.code, expected.code);
  assert.deepEqual(decoded.parts.map(({ body }) => body), expected.bodies);
  assert.equal(decoded.complete, expected.complete ?? false);
}

for (const expected of CASES) {
  Deno.test(`multipart: ${expected.name}`, pure, () => {
    const bytes = bytesOf(expected.text);
    const { boundary } = expected;
    check(expected, decode([bytes], boundary));
    check(expected, decode(Array.from(bytes, (byte) => new Uint8Array([byte])), boundary));
    for (let seed = 0; seed < 50; seed++) {
      check(expected, decode(cut(bytes, seeded(seed), 1 + seed), boundary));
    }
  });
}

Deno.test("an event with its length is whole at its last byte, not at the next event", pure, () => {
  const decoder = new MultipartDecoder("myboundary");
  const head = "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n";
  const kinds: string[] = [];
  const push = (text: string) => {
    for (const event of decoder.push(bytesOf(text))) kinds.push(event.kind);
  };
  push(`${head}Heartbea`);
  assert.ok(!kinds.includes("end"));
  push("t");
  assert.equal(kinds.pop(), "end");
});

Deno.test("the boundary is read as servers write it", pure, () => {
  for (
    const [type, boundary] of [
      ["multipart/x-mixed-replace; boundary=myboundary", "myboundary"],
      ["multipart/x-mixed-replace;boundary=--myboundary", "--myboundary"],
      ['Multipart/Mixed; charset="utf-8"; Boundary = "a b; c"', "a b; c"],
      ["multipart/form-data; boundary=x; charset=utf-8", "x"],
      ["text/plain; boundary=x", undefined],
      ["multipart/mixed", undefined],
      [null, undefined],
    ] as const
  ) assert.equal(boundaryOf(type), boundary, String(type));
  for (const bad of ["", "---", "x".repeat(201)]) {
    assert.throws(() => new MultipartDecoder(bad), { code: "DHIP_BAD_HTTP" });
  }
});

Deno.test("limits of heads, parts and what lies between", pure, () => {
  const start = "--myboundary\r\n";
  const code = (text: string, limits: MultipartLimits) =>
    decode([bytesOf(text)], "myboundary", limits).code;
  assert.equal(code(`${start}A: ${"b".repeat(100)}`, { maxHead: 50 }), "DHIP_HTTP_TOO_LARGE");
  assert.equal(code(`${start}A: b\r\nB: c\r\n\r\n`, { maxHeaders: 1 }), "DHIP_HTTP_TOO_LARGE");
  assert.equal(code(`${start}\r\n${"b".repeat(100)}`, { maxPart: 50 }), "DHIP_HTTP_TOO_LARGE");
  const gap = `${start}Content-Length: 1\r\n\r\nx${"y".repeat(100)}\r\n${start}`;
  assert.equal(code(gap, { maxPreamble: 50 }), "DHIP_BAD_HTTP");
  assert.equal(code(gap, { maxPreamble: 200 }), undefined);
});

const mutated = fc.tuple(
  fc.constantFrom(...CASES.map(({ text }) => text.slice(0, 500))),
  fc.array(fc.record({ at: fc.nat(300), byte: fc.nat(255), insert: fc.boolean() }), {
    maxLength: 5,
  }),
).map(([text, changes]) => {
  const bytes = [...bytesOf(text)];
  for (const { at, byte, insert } of changes) bytes.splice(at, insert ? 0 : 1, byte);
  return new Uint8Array(bytes);
});
const broth = fc.array(
  fc.constantFrom(
    "--myboundary",
    "--",
    "-",
    "\r\n",
    "\r",
    "\n",
    "\r\n\r\n",
    "Content-Length: 3",
    "Content-Length: 12",
    "Content-Type: text/plain",
    "Content-Type: video/x",
    "abc",
    " ",
  ),
  { maxLength: 30 },
).map((pieces) => bytesOf(pieces.join("")));

Deno.test("random and mutated bytes give parts or a DhipError, the same for any cuts", pure, () => {
  fc.assert(
    fc.property(fc.oneof(broth, mutated), fc.nat(), (bytes, seed) => {
      const whole = decode([bytes]);
      for (const most of [1, 5, 40]) {
        assert.deepEqual(decode(cut(bytes, seeded(seed), most)), whole);
      }
    }),
    { numRuns: RUNS },
  );
});

Deno.test("parts with a right length survive anything inside them", pure, () => {
  const body = fc.string({ unit: fc.constantFrom(..."ab-\r\n\0\xff"), maxLength: 60 })
    .filter((text) => !text.includes("--b"));
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), fc.nat(), (bodies, seed) => {
      const text = bodies.map((text) =>
        `--b\r\nContent-Type: video/x\r\nContent-Length: ${text.length}\r\n\r\n${text}\r\n`
      ).join("") + "--b--\r\n";
      const decoded = decode(cut(bytesOf(text), seeded(seed)), "b");
      assert.equal(decoded.code, undefined);
      assert.deepEqual(
        decoded.parts.map(({ body }) =>
          body
        ),
        bodies,
      );
    }),
    { numRuns: FEW_RUNS },
  );
});

Deno.test("an endless part is handed on in flat memory", pure, () => {
  const decoder = new MultipartDecoder("myboundary", { maxPart: Infinity });
  for (const _ of decoder.push(bytesOf("--myboundary\r\n\r\n")));
  for (const filler of ["\r\n--myboundar", "\r\n", "-", "\n", "x"]) {
    const block = bytesOf(filler.repeat(Math.ceil(16_384 / filler.length)));
    let passed = 0;
    for (let i = 0; i < 20; i++) {
      for (const event of decoder.push(block)) {
        if (event.kind === "data") passed += event.bytes.length;
      }
    }
    assert.ok(passed > block.length * 20 - 500, JSON.stringify(filler));
  }
});
