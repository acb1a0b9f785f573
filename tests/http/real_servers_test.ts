/** Apache (Digest with MD5) and lighttpd (Digest with SHA-256) accept our client. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Authenticator } from "../../lib/http/authenticator.ts";
import { HttpClient } from "../../lib/http/client.ts";
import { type LoginGuard, MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { Dialer } from "../../lib/net/stream.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { freePort, type Peer, peerTest, startPeer, temporaryFolder } from "../support/peers.ts";

const REALM = "Login to 4f1c2e9a7b3d";
const ACCOUNTS = [
  ["admin", "admin54321"],
  ["оператор", 'пароль mit ü, "quotes" & \\'],
  ["empty", ""],
] as const;
const APACHE_MODULES = "/usr/lib/apache2/modules";
const LIGHTTPD_MODULES = "/usr/lib/lighttpd";

interface Served extends AsyncDisposable {
  readonly port: number;
  readonly peer: Peer;
}

async function apache(nonceLifetime: number): Promise<Served> {
  const folder = await temporaryFolder();
  const port = freePort();
  const hash = (text: string) => createHash("md5").update(text).digest("hex");
  const { path } = folder;
  await Deno.chmod(path, 0o755);
  await Deno.writeTextFile(
    `${path}/users`,
    ACCOUNTS.map(([user, password]) => `${user}:${REALM}:${hash(`${user}:${REALM}:${password}`)}\n`)
      .join(""),
  );
  await writePages(path);
  const load = (name: string) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so\n`;
  await Deno.writeTextFile(
    `${path}/apache.conf`,
    ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest", "alias"]
      .map(load).join("") +
      `ServerName 127.0.0.1
ServerRoot "${path}"
DocumentRoot "${path}/www"
PidFile "${path}/pid"
DefaultRuntimeDir "${path}"
Listen 127.0.0.1:${port}
ErrorLog /dev/stderr
LogLevel warn
KeepAlive On
MaxKeepAliveRequests 1000
KeepAliveTimeout 2
StartServers 1
ServerLimit 1
User daemon
Group daemon
<Location />
  AuthType Digest
  AuthName "${REALM}"
  AuthDigestProvider file
  AuthDigestAlgorithm MD5
  AuthDigestQop auth
  AuthDigestNonceLifetime ${nonceLifetime}
  AuthUserFile "${path}/users"
  Require valid-user
</Location>
`,
  );
  const args = ["-X", "-f", `${path}/apache.conf`];
  return await served(folder, port, startPeer("/usr/sbin/apache2", args, port));
}

async function lighttpd(algorithm: "SHA-256" | "MD5"): Promise<Served> {
  const folder = await temporaryFolder();
  const port = freePort();
  const { path } = folder;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256").update(text).digest("hex");
  await Deno.writeTextFile(
    `${path}/users`,
    ACCOUNTS.map(([user, password]) => `${user}:${REALM}:${hash(`${user}:${REALM}:${password}`)}\n`)
      .join(""),
  );
  await writePages(path);
  await Deno.writeTextFile(
    `${path}/lighttpd.conf`,
    `server.modules = ("mod_auth", "mod_authn_file")
server.document-root = "${path}/www"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "/dev/stderr"
server.max-keep-alive-requests = 1000
server.stream-response-body = 1
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "${path}/users"
auth.require = ("/" => (
  "method" => "digest", "algorithm" => "${algorithm}", "realm" => "${REALM}",
  "require" => "valid-user"
))
`,
  );
  const args = ["-D", "-f", `${path}/lighttpd.conf`, "-m", LIGHTTPD_MODULES];
  return await served(folder, port, startPeer("/usr/sbin/lighttpd", args, port));
}

async function writePages(path: string): Promise<void> {
  await Deno.mkdir(`${path}/www/cgi-bin`, { recursive: true });
  await Deno.writeTextFile(`${path}/www/cgi-bin/magicBox.cgi`, "deviceType=IPC\n");
  await Deno.writeFile(`${path}/www/large`, largeFile());
}

/** Three megabytes that no two pieces of are alike. */
function largeFile(): Uint8Array {
  const words = new Uint32Array(750_000);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2654435761);
  return new Uint8Array(words.buffer);
}

async function served(
  folder: AsyncDisposable,
  port: number,
  starting: Promise<Peer>,
): Promise<Served> {
  try {
    const peer = await starting;
    return {
      port,
      peer,
      [Symbol.asyncDispose]: async () => {
        await peer[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** A client that counts its connections, and how often the password was at stake. */
function connect({ port }: Served, user: string, password: string) {
  const counted = { dials: 0, attempts: 0 };
  const inner = new MemoryLoginGuard();
  const direct = tcpDialer("127.0.0.1");
  const guard: LoginGuard = {
    enter: (...args) => {
      counted.attempts++;
      return inner.enter(...args);
    },
    forget: (identity) => inner.forget(identity),
  };
  const dialer: Dialer = {
    host: direct.host,
    dial: (...args) => {
      counted.dials++;
      return direct.dial(...args);
    },
  };
  const authenticator = new Authenticator({ user, password, guard });
  return Object.assign(new HttpClient(dialer, { port, authenticator }), { counted });
}

/** What both servers must accept. */
async function prove(server: Served): Promise<void> {
  for (const [user, password] of ACCOUNTS) {
    await using client = connect(server, user, password);
    for (let i = 0; i < 50; i++) {
      const response = await client.request(`/cgi-bin/magicBox.cgi?action=getSystemInfo&i=[${i}]`);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), "deviceType=IPC\n");
    }
    assert.deepEqual(client.counted, { dials: 1, attempts: 1 });
    const many = Array.from({ length: 20 }, async () => {
      const response = await client.request("/cgi-bin/magicBox.cgi");
      assert.equal(response.status, 200);
      await response.discard();
    });
    await Promise.all(many);
    assert.ok(client.counted.dials <= 4);
    assert.equal(client.counted.attempts, 1);
  }
  await using client = connect(server, ...ACCOUNTS[0]);
  const large = await client.request("/large");
  assert.deepEqual(await large.bytes(), largeFile());
  assert.equal((await client.request("/large", { method: "HEAD" })).status, 200);
  assert.equal((await client.request("/none")).status, 404);
  await using wrong = connect(server, "admin", "wrong");
  await assert.rejects(wrong.request("/large"), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(wrong.request("/large"), { code: "DHIP_AUTH_GUARDED" });
}

peerTest(
  "Apache accepts Digest with MD5: nc counted, any password, keep-alive",
  ["/usr/sbin/apache2", `${APACHE_MODULES}/mod_auth_digest.so`],
  async () => {
    await using server = await apache(300);
    await prove(server);
    // Apache complains of everything it does not like about a digest, except a wrong password.
    const log = server.peer.output().split("\n").filter((line) => line.includes("auth_digest"));
    assert.ok(log.every((line) => /password mismatch/.test(line)), log.join("\n"));
  },
);

peerTest(
  "Apache calls a nonce stale after its life time, and accepts the next one",
  ["/usr/sbin/apache2", `${APACHE_MODULES}/mod_auth_digest.so`],
  async () => {
    await using server = await apache(1);
    await using client = connect(server, ...ACCOUNTS[0]);
    for (let i = 0; i < 3; i++) {
      assert.equal(
        await (await client.request("/cgi-bin/magicBox.cgi")).text(),
        "deviceType=IPC\n",
      );
      await pause(1_200);
    }
    assert.equal(client.counted.attempts, 1, "the password was never in doubt");
  },
);

peerTest(
  "lighttpd accepts Digest with SHA-256: any password, keep-alive",
  ["/usr/sbin/lighttpd", `${LIGHTTPD_MODULES}/mod_auth.so`],
  async () => {
    await using server = await lighttpd("SHA-256");
    await prove(server);
  },
);

peerTest(
  "lighttpd accepts Digest with MD5",
  ["/usr/sbin/lighttpd", `${LIGHTTPD_MODULES}/mod_auth.so`],
  async () => {
    await using server = await lighttpd("MD5");
    await prove(server);
  },
);
