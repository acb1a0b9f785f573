/** What the tests of the doctor share: devices with one trouble each. */

import { diagnose, type Diagnosis, type DoctorOptions } from "../../../lib/camera/doctor/mod.ts";
import type { Check, Finding } from "../../../lib/camera/doctor/finding.ts";
import { DhipError } from "../../../lib/errors.ts";
import { MemoryLoginGuard } from "../../../lib/net/login_guard.ts";
import { streamPair } from "../../../lib/net/memory.ts";
import { MemoryPinStore } from "../../../lib/net/pin_store.ts";
import type { ByteStream, Dialer } from "../../../lib/net/stream.ts";
import { Simulator, type SimulatorOptions } from "../../../lib/simulator/mod.ts";

/** Looks like no other text, and is in none. */
export const PASSWORD = "cAnary-5d1e";
/** No test of other files uses this address. */
export const HOST = "127.77.0.82";

/** A simulator with a web server, on {@linkcode HOST}. */
export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return Simulator.start({
    host: HOST,
    password: PASSWORD,
    dhipPort: 0,
    httpPort: 0,
    httpsPort: 0,
    ...options,
  });
}

/** Ports of a simulator; nothing listens on the others. */
export function portsOf({ dhipPort, devices: [device] }: Simulator): DoctorOptions["ports"] {
  const { httpPort, httpsPort } = device!;
  return {
    dhip: dhipPort,
    http: httpPort ?? 2,
    https: httpsPort ?? 3,
    rtsp: 4,
    netsdk: 5,
  };
}

/** Options with a memory of their own. */
export function options(more: DoctorOptions = {}): DoctorOptions {
  return {
    password: PASSWORD,
    guard: new MemoryLoginGuard(),
    pins: new MemoryPinStore(),
    timeout: 2000,
    ...more,
  };
}

/** Diagnoses a simulator. */
export function examine(simulator: Simulator, more: DoctorOptions = {}): Promise<Diagnosis> {
  return diagnose(HOST, options({ ports: portsOf(simulator), ...more }));
}

/** Findings of one check. */
export function of(check: Check, { findings }: Diagnosis): Finding[] {
  return findings.filter((finding) => finding.check === check);
}

/** Statuses of one check. */
export function statuses(check: Check, diagnosis: Diagnosis): string[] {
  return of(check, diagnosis).map(({ status }) => status);
}

/** Findings that are worse than a note. */
export function troubles({ findings }: Diagnosis): string[] {
  return findings.filter(({ status }) => status === "warning" || status === "problem")
    .map(({ check, status, cause }) => `${status} ${check}: ${cause}`);
}

/** Serves one connection of a port. */
export type Serve = (stream: ByteStream) => Promise<void>;

/** A device whose ports are served by the test; the others are closed. */
export function portDialer(ports: Readonly<Record<number, Serve | Dialer>>): Dialer {
  return {
    host: "device.test",
    dial(port, call) {
      const served = ports[port];
      if (served === undefined) {
        return Promise.reject(new DhipError("DHIP_UNREACHABLE", `Cannot connect to ${port}`));
      }
      if (typeof served !== "function") return served.dial(port, call);
      const [ours, theirs] = streamPair();
      served(theirs).catch(() => {}).finally(() => theirs.close());
      return Promise.resolve(ours);
    },
  };
}

/** Answers the first bytes with these and waits until the caller hangs up. */
export function says(bytes: Uint8Array | string): Serve {
  return async (stream) => {
    const buffer = new Uint8Array(4096);
    await stream.read(buffer);
    await stream.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    while (await stream.read(buffer) !== null);
  };
}

/** A web server that gives each request this answer. */
export function web(answer: (head: string) => { status: string; headers?: string; body?: string }) {
  const serve: Serve = async (stream) => {
    const buffer = new Uint8Array(16_384);
    let text = "";
    for (let length; (length = await stream.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, length));
      for (let end; (end = text.indexOf("\r\n\r\n")) >= 0;) {
        const head = text.slice(0, end);
        const bodyLength = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + bodyLength) break;
        text = text.slice(end + 4 + bodyLength);
        const { status, headers = "", body = "" } = answer(head);
        const length = new TextEncoder().encode(body).length;
        const reply = `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`;
        await stream.write(new TextEncoder().encode(reply));
      }
    }
  };
  return serve;
}

/** The Digest challenge of a camera. */
export const CHALLENGE_HEADER =
  'WWW-Authenticate: Digest realm="Login to TEST", qop="auth", nonce="1", opaque="2"\r\n';
