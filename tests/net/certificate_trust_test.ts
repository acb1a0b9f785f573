import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { judgeCertificate } from "../../lib/net/certificate_trust.ts";
import { type CertificatePin, MemoryPinStore } from "../../lib/net/pin_store.ts";

const pure = { permissions: "none" } as const;

/** A store that takes its time, as one in files does. */
class SlowPinStore extends MemoryPinStore {
  override async get(endpoint: string): Promise<CertificatePin | undefined> {
    await setImmediate();
    return await super.get(endpoint);
  }

  override async set(endpoint: string, pin: CertificatePin): Promise<void> {
    await setImmediate();
    await super.set(endpoint, pin);
  }
}

Deno.test(
  "an authority's word counts more than a pin, and insecure pins nothing",
  pure,
  async () => {
    const pins = new MemoryPinStore();
    const now = () => new Date(0);
    const question = { endpoint: "h:443", sha256: "ab", verified: false };
    assert.equal(await judgeCertificate(question, { pins, now }), "first-use");
    assert.deepEqual(await pins.get("h:443"), { sha256: "ab", since: "1970-01-01T00:00:00.000Z" });
    assert.equal(await judgeCertificate(question, { pins }), "pinned");
    const other = { ...question, sha256: "cd" };
    await assert.rejects(judgeCertificate(other, { pins }), { code: "DHIP_TLS_UNTRUSTED" });
    assert.equal(await judgeCertificate({ ...other, verified: true }, { pins }), "authority");
    assert.equal(await judgeCertificate(other, { pins, insecure: true }), "insecure");
    assert.equal((await pins.get("h:443"))!.sha256, "ab");
  },
);

Deno.test("of two first contacts at once with two certificates, one is refused", pure, async () => {
  const pins = new SlowPinStore();
  const notices: string[] = [];
  const judge = (sha256: string, endpoint = "h:443") =>
    judgeCertificate({ endpoint, sha256, verified: false }, {
      pins,
      onNotice: (text) => void notices.push(text),
    });
  const outcomes = await Promise.allSettled([judge("ab"), judge("cd"), judge("ab")]);
  assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  assert.equal((outcomes[0] as PromiseFulfilledResult<string>).value, "first-use");
  assert.equal((outcomes[1] as PromiseRejectedResult).reason.code, "DHIP_TLS_UNTRUSTED");
  assert.match((outcomes[1] as PromiseRejectedResult).reason.message, /has changed.*AB.*CD/);
  assert.equal((outcomes[2] as PromiseFulfilledResult<string>).value, "pinned");
  assert.equal((await pins.get("h:443"))!.sha256, "ab");
  assert.equal(notices.length, 1, "first contact is told once");
  // The refusal of one contact is not that of the next, nor that of another port.
  assert.equal(await judge("ab"), "pinned");
  assert.equal(await judge("cd", "h:8443"), "first-use");
});

Deno.test("a store that fails holds up nobody after it", pure, async () => {
  const pins = new SlowPinStore();
  const question = { endpoint: "h:443", sha256: "ab", verified: false };
  const set = pins.set.bind(pins);
  pins.set = () => {
    pins.set = set;
    return Promise.reject(new Error("disk full"));
  };
  const first = judgeCertificate(question, { pins });
  const second = judgeCertificate(question, { pins });
  await assert.rejects(first, /disk full/);
  assert.equal(await second, "first-use");
});

Deno.test(
  "a pin that another process set in the same moment counts as a change",
  pure,
  async () => {
    class SharedPinStore extends SlowPinStore {
      override async set(endpoint: string, pin: CertificatePin): Promise<void> {
        await super.set(endpoint, pin);
        await super.set(endpoint, { sha256: "cd", since: "then" }); // the other process
      }
    }
    const pins = new SharedPinStore();
    await assert.rejects(
      judgeCertificate({ endpoint: "h:443", sha256: "ab", verified: false }, { pins }),
      { code: "DHIP_TLS_UNTRUSTED" },
    );
  },
);
