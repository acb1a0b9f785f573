/** `openssl` as a camera: its keys, and its server. */

import { type Peer, run, startPeer, temporaryFolder } from "../support/peers.ts";

/** What a test here needs. */
export const OPENSSL = ["openssl"];

/** A folder of keys and certificates. */
export interface Keys extends AsyncDisposable {
  readonly path: string;
}

/** An authority, a certificate of it for localhost, and two self-signed ones. */
export async function makeKeys(): Promise<Keys> {
  const folder = await temporaryFolder();
  const openssl = (...args: string[]) => run("openssl", args, folder.path);
  const fresh = ["-newkey", "rsa:2048", "-nodes"];
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...ec, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca");
  await openssl("req", ...ec, "-keyout", "signed.key", "-out", "signed.csr", "-subj", "/CN=cam");
  await Deno.writeTextFile(`${folder.path}/names`, "subjectAltName=DNS:localhost\n");
  await openssl(
    ...["x509", "-req", "-in", "signed.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
    ...["-CAcreateserial", "-extfile", "names", "-out", "signed.pem"],
  );
  for (const name of ["one", "two"]) {
    const subject = ["-subj", `/CN=${name}`];
    await openssl(
      "req",
      "-x509",
      ...fresh,
      ...subject,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }
  return folder;
}

/** What `openssl s_server` is asked to be. */
export async function serve(
  keys: Keys,
  name: string,
  port: number,
  ...more: string[]
): Promise<Peer> {
  const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-quiet"];
  const own = ["-cert", `${name}.pem`, "-key", `${name}.key`];
  return await startPeer("openssl", [...args, ...own, ...more], port, { cwd: keys.path });
}

/** The fingerprint of a certificate, as openssl shows it. */
export async function fingerprint(keys: Keys, name: string): Promise<string> {
  const text = await run("openssl", [
    "x509",
    "-in",
    `${name}.pem`,
    "-noout",
    "-fingerprint",
    "-sha256",
  ], keys.path);
  return text.trim().split("=")[1]!;
}
