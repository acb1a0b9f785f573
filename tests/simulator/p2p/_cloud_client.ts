/** Somebody who asks the cloud, written in bytes. */

import { createCipheriv, createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { DatagramAddress, Datagrams } from "../../../lib/net/udp.ts";

export interface Answer {
  readonly code: number;
  readonly status: string;
  readonly headers: string;
  readonly body: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly from: DatagramAddress;
}

export interface Identity {
  readonly username: string;
  readonly key: string;
}

const EXAMPLE: Identity = { username: "exampleuser", key: "examplekey" };
export const IDENTIFY = "a4 34 a5 5 4 8d 1 9c";

let counter = 1000;

/** A request as bytes. */
export function ask(
  path: string,
  { body = "", cseq = 1, created = Date.now(), identity = EXAMPLE }: {
    body?: string | undefined;
    cseq?: number | undefined;
    created?: number | undefined;
    identity?: Identity | undefined;
  } = {},
): Uint8Array {
  const nonce = String(counter++);
  const time = new Date(created).toISOString().replace(/\.\d+/, "");
  const digest = createHash("sha1")
    .update(`${nonce}${time}DHP2P:${identity.username}:${identity.key}`).digest("base64");
  const length = new TextEncoder().encode(body).length;
  return new TextEncoder().encode(
    `${body === "" ? "DHGET" : "DHPOST"} ${path} HTTP/1.1\r\nCSeq: ${cseq}\r\n` +
      `Authorization: WSSE profile="UsernameToken"\r\n` +
      `X-WSSE: UsernameToken Username="${identity.username}", PasswordDigest="${digest}", ` +
      `Nonce="${nonce}", Created="${time}"\r\n` +
      (body === "" ? "" : `Content-Type: \r\nContent-Length: ${length}\r\n`) + `\r\n${body}`,
  );
}

/** A socket whose datagrams wait, sorted by what they are. */
export class Listener {
  readonly socket: Datagrams;
  readonly answers: Answer[] = [];
  readonly checks: { bytes: Uint8Array; from: DatagramAddress }[] = [];
  readonly segments: { bytes: Uint8Array; from: DatagramAddress }[] = [];
  readonly done: Promise<void>;
  onSegment: ((bytes: Uint8Array, from: DatagramAddress) => void) | undefined;

  constructor(socket: Datagrams) {
    this.socket = socket;
    this.done = this.#run();
  }

  send(bytes: Uint8Array, to: DatagramAddress): void {
    this.socket.send(bytes, to);
  }

  /** The newest answer, and forgets all. */
  last(): Answer | undefined {
    return this.answers.splice(0).at(-1);
  }

  async #run(): Promise<void> {
    for await (const { bytes, from } of this.socket) {
      const own = bytes.slice();
      if (own[0] === 0x48) this.answers.push(readAnswer(own, from));
      else if (own[0] === 0x50) {
        if (this.onSegment) this.onSegment(own, from);
        else this.segments.push({ bytes: own, from });
      } else this.checks.push({ bytes: own, from });
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.done;
  }
}

function readAnswer(bytes: Uint8Array, from: DatagramAddress): Answer {
  const text = new TextDecoder().decode(bytes);
  const [headers = "", body = ""] = text.split("\r\n\r\n");
  const [, code, status] = /^HTTP\/1\.1 (\d+) (.*)/.exec(headers)!;
  const fields: Record<string, string> = {};
  for (const [, name, value] of body.matchAll(/<(\w+)>([^<]*)<\/\1>/g)) fields[name!] = value!;
  return { code: Number(code), status: status!, headers, body, fields, from };
}

export function addressOf(text: string): DatagramAddress {
  const [host = "", port = ""] = text.split(":");
  return { host, port: Number(port) };
}

/** The salt in the Info blob. */
export function saltOf(info: string): string {
  const plain = ofb(
    "kRjmsUB&ezmdGLL67H#$ojw@XflcaIaf",
    "MydvJw*Iw1w&i^kk",
    Uint8Array.fromBase64(info),
  );
  return JSON.parse(new TextDecoder().decode(plain)).randsalt;
}

/** What proves that one knows a password: the elements of a body. */
export function prove(
  { user = "admin", password = "admin54321", salt, nonce, local = "" }: {
    user?: string;
    password?: string;
    salt: string;
    nonce: number;
    local?: string;
  },
): string {
  const key = createHash("md5").update(`${user}:Login to ${salt}:${password}`).digest("hex")
    .toUpperCase();
  const sealed = local === "" ? "" : seal(key, nonce, local);
  const date = 1_700_000_000;
  const proof = createHmac("sha256", key).update(`${nonce}${date}${sealed}`).digest("base64");
  return `<CreateDate>${date}</CreateDate><DevAuth>${proof}</DevAuth><Nonce>${nonce}</Nonce>` +
    `<RandSalt>${salt}</RandSalt><UserName>${user}</UserName>` +
    (local === "" ? "" : `<Identify>${IDENTIFY}</Identify><IpEncrptV2>true</IpEncrptV2>` +
      `<LocalAddr>${sealed}</LocalAddr><version>5.0.0</version>`);
}

/** What an address of the device's answer says. */
export function unseal(salt: string, nonce: string, sealed: string): string {
  const key = createHash("md5").update(`admin:Login to ${salt}:admin54321`).digest("hex")
    .toUpperCase();
  return new TextDecoder().decode(
    ofb(derive(key, nonce), "2z52*lk9o6HRyJrf", Uint8Array.fromBase64(sealed)),
  );
}

function seal(key: string, nonce: number, text: string): string {
  const bytes = new TextEncoder().encode(text);
  return ofb(derive(key, nonce), "2z52*lk9o6HRyJrf", bytes).toBase64();
}

const derive = (key: string, nonce: number | string) =>
  pbkdf2Sync(key, String(nonce), 20_000, 32, "sha256");

function ofb(key: string | Uint8Array, iv: string, bytes: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const stream = cipher.update(new Uint8Array(Math.ceil(bytes.length / 16) * 16));
  cipher.final();
  return bytes.map((byte, i) => byte ^ stream[i]!);
}
