/** Requests over a bad network, on virtual time. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import type { Datagram, DatagramAddress, Datagrams } from "../../lib/net/udp.ts";
import { type CloudCall, CloudClient } from "../../lib/p2p/cloud_client.ts";
import { DatagramNetwork } from "../support/datagram_network.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const MAIN: DatagramAddress = { host: "198.51.100.1", port: 8800 };
const AGENT: DatagramAddress = { host: "198.51.100.2", port: 8901 };
const PROFILE = { ...MAIN, username: "exampleuser", key: "examplekey", dialect: "dh" } as const;
/** Our clock, as wrong as that of a board without a battery. */
const OUR_TIME = Date.parse("2000-01-01T00:00:00Z");

interface Heard {
  readonly at: number;
  readonly cseq: string;
  readonly nonce: string;
  readonly created: string;
  readonly text: string;
}

const answer = (cseq: string | number, line = "200 OK", headers = "") =>
  new TextEncoder().encode(`HTTP/1.1 ${line}\r\nCSeq: ${cseq}\r\n${headers}\r\n`);

/** A server that answers as the test says. */
class Lab implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly network = new DatagramNetwork({ clock: this.clock, random: seeded(1) });
  readonly heard: Heard[] = [];
  readonly client = new CloudClient({
    profile: PROFILE,
    clock: this.clock,
    wallClock: () => OUR_TIME + this.clock.now(),
    random: seeded(2),
  });
  socket!: Datagrams;
  agent!: Datagrams;
  #server!: Datagrams;
  readonly #loops: Promise<void>[] = [];

  static async open(onRequest: (heard: Heard, reply: Reply) => void): Promise<Lab> {
    const lab = new Lab();
    lab.socket = await lab.network.host("192.0.2.7").openDatagrams({ port: 50_000 });
    lab.#server = await lab.network.host(MAIN.host).openDatagrams({ port: MAIN.port });
    lab.agent = await lab.network.host(AGENT.host).openDatagrams({ port: AGENT.port });
    lab.#read(lab.socket, ({ bytes, from }) => lab.client.input(bytes, from));
    lab.#read(lab.#server, ({ bytes, from }) => {
      const text = new TextDecoder().decode(bytes);
      const value = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
      const heard = {
        at: lab.clock.now(),
        cseq: value(/CSeq: (.*)\r/),
        nonce: value(/ Nonce="(.*?)"/),
        created: value(/Created="(.*?)"/),
        text,
      };
      lab.heard.push(heard);
      onRequest(heard, (bytes, via = lab.#server) => void via.send(bytes, from));
    });
    return lab;
  }

  ask(more: Partial<CloudCall> = {}) {
    return this.client.request({
      what: "ask",
      host: "sn:EXAMPLE",
      socket: this.socket,
      to: MAIN,
      path: "/probe/p2psrv",
      ...more,
    });
  }

  #read(socket: Datagrams, take: (datagram: Datagram) => void): void {
    this.#loops.push((async () => {
      for await (const datagram of socket) take(datagram);
    })());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.socket, this.#server, this.agent]) socket.close();
    await Promise.all(this.#loops);
    assert.equal(this.client.pending, 0, "a request is still kept");
    assert.equal(this.clock.pending, 0, "a timer is still set");
  }
}

type Reply = (bytes: Uint8Array, via?: Datagrams) => void;

Deno.test("a request without an answer is sent again with the same CSeq and a fresh nonce", async () => {
  await using lab = await Lab.open(() => {});
  const asked = lab.ask();
  const refused = assert.rejects(asked, (error: DhipError) => {
    assert.equal(error.code, "DHIP_TIMEOUT");
    assert.equal(error.host, "sn:EXAMPLE");
    return error.hint!.includes("198.51.100.1:8800");
  });
  await lab.clock.advance(10_000);
  await refused;
  assert.deepEqual(lab.heard.map(({ at }) => at), [0, 500, 1500, 3500, 7500]);
  assert.equal(new Set(lab.heard.map(({ cseq }) => cseq)).size, 1);
  assert.equal(new Set(lab.heard.map(({ nonce }) => nonce)).size, 5);
});

Deno.test("the body is made afresh for each transmission", async () => {
  await using lab = await Lab.open(({ at, cseq }, reply) => at > 0 && reply(answer(cseq)));
  let made = 0;
  await lab.clock.settle(lab.ask({ body: () => ({ Nonce: `${++made}` }) }));
  assert.deepEqual(
    lab.heard.map(({ text }) => /<Nonce>(.)</.exec(text)?.[1]),
    ["1", "2"],
  );
});

Deno.test("provisional answers, other numbers and other senders are not the answer", async () => {
  await using lab = await Lab.open(({ cseq }, reply) => {
    reply(answer(cseq, "100 Trying"));
    reply(answer(Number(cseq) + 1, "200 wrong number"));
    reply(answer("", "200 no number"));
    reply(answer(cseq, "200 other sender"), lab.agent);
    reply(new TextEncoder().encode("HTTP/1.1 2"));
    reply(answer(cseq, "200 right"));
    reply(answer(cseq, "200 again"));
  });
  assert.equal((await lab.clock.settle(lab.ask())).status, "right");
});

Deno.test("an answer may come from the agent where that is expected", async () => {
  await using lab = await Lab.open(({ cseq }, reply) => {
    reply(answer(cseq, "200 Server Nat Info!"), lab.agent);
  });
  assert.equal((await lab.clock.settle(lab.ask({ alsoFrom: AGENT }))).status, "Server Nat Info!");
  await assert.rejects(lab.clock.settle(lab.ask()), { code: "DHIP_TIMEOUT" });
});

Deno.test("a late answer to one request is not taken for that of the next", async () => {
  const late: string[] = [];
  await using lab = await Lab.open(({ cseq, at }, reply) => {
    if (at < 10_000) return void late.push(cseq);
    for (const earlier of late) reply(answer(earlier, "404 late"));
    reply(answer(cseq, "200 mine"));
  });
  await assert.rejects(lab.clock.settle(lab.ask()), { code: "DHIP_TIMEOUT" });
  assert.equal((await lab.clock.settle(lab.ask())).status, "mine");
});

Deno.test("answers find their requests in any order", async () => {
  const waiting: (() => void)[] = [];
  await using lab = await Lab.open(({ cseq, text }, reply) => {
    waiting.push(() => reply(answer(cseq, `200 ${/DHGET \/(\w+)/.exec(text)![1]}`)));
    if (waiting.length === 3) waiting.reverse().forEach((send) => send());
  });
  const answers = ["a", "b", "c"].map((name) => lab.ask({ path: `/${name}` }));
  const got = await lab.clock.settle(Promise.all(answers));
  assert.deepEqual(got.map(({ status }) => status), ["a", "b", "c"]);
});

Deno.test("a refused clock is set by the server's Date, once and for all requests", async () => {
  const right = Date.parse("2026-01-01T00:00:00Z");
  await using lab = await Lab.open(({ cseq, created, at }, reply) => {
    const off = Math.abs(Date.parse(created) - right - at);
    if (off < 300_000) return reply(answer(cseq));
    reply(answer(cseq, "401 Unauthorized", "Date: 2026-01-01T00:00:00Z\r\n"));
  });
  assert.equal((await lab.clock.settle(lab.ask())).code, 200);
  assert.equal(lab.heard.length, 2);
  assert.notEqual(lab.heard[0]!.cseq, lab.heard[1]!.cseq);
  assert.equal((await lab.clock.settle(lab.ask())).code, 200);
  assert.equal(lab.heard.length, 3);
});

Deno.test("a refusal that is not the clock's is not tried again", async () => {
  await using lab = await Lab.open(({ cseq, at }, reply) => {
    const date = new Date(OUR_TIME + at).toISOString();
    reply(answer(cseq, "401 Unauthorized", `Date: ${date}\r\n`));
  });
  assert.equal((await lab.clock.settle(lab.ask())).code, 401);
  assert.equal(lab.heard.length, 1);
});

for (
  const [what, date, times] of [
    ["without a Date", () => "", 1],
    ["with a Date that nobody has", () => "Date: +275760-09-12T00:00:00Z\r\n", 1],
    ["with another Date each time", (n: number) => `Date: 20${10 + n}-01-01T00:00:00Z\r\n`, 4],
  ] as const
) {
  Deno.test(`a refusal ${what} ends after ${times} request(s)`, async () => {
    let n = 0;
    await using lab = await Lab.open(({ cseq }, reply) => {
      reply(answer(cseq, "401 Unauthorized", date(n++)));
    });
    assert.equal((await lab.clock.settle(lab.ask())).code, 401);
    assert.equal(lab.heard.length, times);
  });
}

Deno.test("a request can be aborted", async () => {
  await using lab = await Lab.open(() => {});
  const controller = new AbortController();
  const asked = lab.ask({ signal: controller.signal });
  const refused = assert.rejects(asked, { code: "DHIP_INTERRUPTED" });
  await lab.clock.advance(700);
  controller.abort();
  await refused;
  await lab.clock.advance(10_000);
  assert.equal(lab.heard.length, 2);
});

Deno.test("a socket that cannot send ends the request", async () => {
  await using lab = await Lab.open(() => {});
  const socket = await lab.network.host("192.0.2.8").openDatagrams();
  socket.close();
  await assert.rejects(lab.ask({ socket }), { code: "DHIP_UNREACHABLE" });
});

Deno.test("requests come through a network that loses and repeats a third", async () => {
  await using lab = await Lab.open(({ cseq }, reply) => reply(answer(cseq)));
  lab.network.impair({
    loss: 0.3,
    duplicate: 0.3,
    reorder: 0.3,
    truncate: 0.1,
    delay: 20,
    jitter: 100,
  });
  let answered = 0;
  for (let i = 0; i < 40; i++) {
    try {
      assert.equal((await lab.clock.settle(lab.ask())).code, 200);
      answered++;
    } catch (error) {
      assert.ok(error instanceof DhipError && error.code === "DHIP_TIMEOUT", `${error}`);
    }
  }
  assert.ok(answered > 35, `${answered} of 40`);
  await lab.clock.advance(60_000);
});
