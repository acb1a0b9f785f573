/**
 * Finds out what is wrong with a device, or with the way to it.
 *
 * @module
 */

import { CgiClient } from "../../dhip/cgi_client.ts";
import type { Credentials } from "../../dhip/login.ts";
import { openHttpSession } from "../../dhip/http_session.ts";
import { RpcSession } from "../../dhip/session.ts";
import type { PinStore } from "../../net/pin_store.ts";
import type { Dialer } from "../../net/stream.ts";
import { parseTarget, type Target } from "../../net/target.ts";
import { directDialer, endpoint } from "../../net/tcp.ts";
import { processPins } from "../../net/tls.ts";
import { encrypted } from "../encrypt.ts";
import type { TransportOptions } from "../open_session.ts";
import type { SystemInfo } from "../system.ts";
import { type Examination, examine } from "./examine.ts";
import { type Finding, finding } from "./finding.ts";
import { challengeIn, HELLOS, isAboutTheLink, type Knock, knock } from "./knock.ts";
import {
  encryptionFinding,
  failedLogin,
  schemesFinding,
  type Way,
  WAYS,
} from "./login_findings.ts";
import {
  answers,
  portFinding,
  type Ports,
  type Service,
  unreachable,
  USUAL_PORTS,
} from "./port_findings.ts";
import { lookAtTls } from "./tls_face.ts";
import { lookAtWeb, type WebFace } from "./web_face.ts";

/** Options of {@linkcode diagnose}. */
export interface DoctorOptions extends Omit<TransportOptions, "port" | "httpPort"> {
  /** User; the target's own user goes first. Default `admin`. */
  readonly user?: string | undefined;
  /** Password. Without one nobody logs in, and only what is seen from outside is told. */
  readonly password?: string | undefined;
  /** TCP ports that are not the usual ones. */
  readonly ports?: { readonly [S in Service]?: number | undefined } | undefined;
  /** How to reach the device's ports; direct TCP by default, a tunnel for a serial number. */
  readonly dialer?: Dialer | undefined;
  /** Reads {@linkcode Diagnosis.system} and {@linkcode Diagnosis.tables}, too. Default false. */
  readonly collect?: boolean | undefined;
  /** This host's time in milliseconds since 1970; the system's by default. */
  readonly now?: (() => number) | undefined;
}

/** What was found out. */
export interface Diagnosis {
  /** In the order of the checks. */
  readonly findings: readonly Finding[];
  /** What the device is; null without `collect` or a login. */
  readonly system: SystemInfo | null;
  /** Configuration tables that say much about troubles; they may hold secrets and addresses. */
  readonly tables: Readonly<Record<string, unknown>>;
}

/** Longest wait for a port, in milliseconds. */
const KNOCK_TIMEOUT = 4_000;

/**
 * Looks at a device from outside and, with a password, from inside: which ports answer and what
 * speaks there, how logins work or why they fail, and what about clock, sessions, streams, storage
 * and time synchronisation is worth knowing.
 *
 * The password goes out at most once for each way in: one RPC session, then one question to the web
 * API; after the first refusal never again.
 *
 * ```ts
 * import { diagnose } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret" });
 * const { findings } = await diagnose(`127.0.0.1:${simulator.dhipPort}`, { password: "secret" });
 * for (const { status, cause, remedy } of findings) {
 *   if (status === "warning" || status === "problem") console.log(cause, remedy);
 * }
 * ```
 *
 * @param target `host`, `host:port`, `[v6]:port`, `sn:SERIAL` or `dhip://user@host:port`; the port
 *   is that of the transport in use
 * @throws {SyntaxError} when `target` cannot be read
 * @throws {TypeError} for a serial number without a dialer
 * @throws {DhipError} `DHIP_INTERRUPTED`; every other failure is a finding
 */
export async function diagnose(
  target: string | Target,
  options: DoctorOptions = {},
): Promise<Diagnosis> {
  return await new Doctor(typeof target === "string" ? parseTarget(target) : target, options).run();
}

/** The web server, and how to reach it. */
interface Web {
  readonly face: WebFace;
  readonly dialer: Dialer;
  readonly port: number;
  readonly way: "http" | "https";
}

class Doctor {
  readonly #options: DoctorOptions;
  readonly #dialer: Dialer;
  readonly #ports: Ports;
  readonly #user: string;
  readonly #device: string;
  readonly #findings: Finding[] = [];

  constructor(target: Target, options: DoctorOptions) {
    const { host, port, user } = target;
    const { transport, tls, ports = {} } = options;
    const named = tls ? "https" : transport === "http" ? "http" : "dhip";
    const given = Object.entries(ports).filter(([, value]) => value !== undefined);
    this.#options = options;
    this.#dialer = options.dialer ?? directDialer(target);
    this.#ports = {
      ...USUAL_PORTS,
      ...Object.fromEntries(given),
      ...(port === undefined ? {} : { [named]: port }),
    };
    this.#user = user ?? options.user ?? "admin";
    this.#device = options.device ?? (port === undefined ? host : endpoint(host, port));
  }

  async run(): Promise<Diagnosis> {
    const knocks = await this.#knockEverywhere();
    if (knocks === undefined) return this.#end();
    const dhip = await this.#findDhip(knocks);
    const refused = dhip === undefined ? false : this.#judgeChallenge(dhip.knock);
    const web = await this.#findWeb(knocks);
    if (web !== undefined) this.#judgeWeb(web, dhip !== undefined);
    const { password, transport, tls } = this.#options;
    if (refused) return this.#end();
    if (password === undefined) {
      this.#add(finding("login", "note", "Not tried: no password was given", null, { logins: 0 }));
      return this.#end();
    }
    const credentials = { user: this.#user, password };
    const overHttp = transport === "http" || tls === true;
    const overDhip = dhip !== undefined && !overHttp;
    const rpcWeb = transport === "dhip" || web?.face.rpc === false ? undefined : web;
    const way: Way | undefined = overDhip ? "dhip" : rpcWeb?.way;
    let accepted = false;
    let examination: Examination | undefined;
    if (way !== undefined) {
      const open = overDhip
        ? () => this.#openDhip(credentials, dhip.port)
        : () => this.#openHttp(credentials, rpcWeb!);
      examination = await this.#logIn(way, open);
      if (examination === undefined) return this.#end();
      accepted = true;
    } else if (web?.face.api !== "api") {
      const cause = "There is no way to log in: no port speaks DHIP, nor RPC or the web API";
      const remedy = "Name the right ports with --dhip-port and --http-port, or forward them";
      this.#add(finding("login", "problem", cause, remedy, { logins: 0 }));
    }
    if (web !== undefined) await this.#askWebApi(web, credentials, accepted);
    return this.#end(examination);
  }

  #add(...findings: Finding[]): void {
    this.#findings.push(...findings);
  }

  #end(examination?: Examination): Diagnosis {
    const { system = null, tables = {} } = examination ?? {};
    return { findings: this.#findings, system, tables };
  }

  /** Limits of what may never be answered. */
  get #patience() {
    const { signal, clock, timeout = KNOCK_TIMEOUT } = this.#options;
    return { signal, clock, timeout: Math.min(timeout, KNOCK_TIMEOUT) };
  }

  async #knockEverywhere(): Promise<Record<Service, Knock> | undefined> {
    const ports = this.#ports;
    const at = async (service: Exclude<Service, "https">) => {
      const hello = service === "dhip" ? HELLOS.dhip(this.#user) : HELLOS[service];
      const first = await knock(this.#dialer, ports[service], hello, this.#patience);
      if (service !== "dhip" || first.state !== "open" || first.speaks !== null) return first;
      // A web server waits for the rest of what it takes for a request.
      return await knock(this.#dialer, ports.dhip, HELLOS.http, this.#patience);
    };
    const [dhip, http, tls, rtsp, netsdk] = await Promise.all([
      at("dhip"),
      at("http"),
      lookAtTls(this.#dialer, ports.https, {
        ...this.#patience,
        pins: readOnly(this.#pins),
        insecure: this.#options.insecure,
        required: this.#options.tls === true,
      }),
      at("rtsp"),
      at("netsdk"),
    ]);
    const knocks = { dhip, http, https: tls.knock, rtsp, netsdk };
    if (Object.values(knocks).every(({ state }) => state !== "open")) {
      this.#add(unreachable(ports, Object.values(knocks)));
      return undefined;
    }
    for (const service of Object.keys(USUAL_PORTS) as Service[]) {
      this.#add(portFinding(service, ports[service], knocks[service]));
    }
    if (tls.finding !== undefined) this.#add(tls.finding);
    return knocks;
  }

  /** Many firmwares speak DHIP on the HTTP port too (observed by DahuaConsole). */
  async #findDhip(
    { dhip, http }: Record<Service, Knock>,
  ): Promise<{ readonly port: number; readonly knock: Knock } | undefined> {
    const ports = this.#ports;
    if (answers("dhip", dhip)) return { port: ports.dhip, knock: dhip };
    if (http.state !== "open") return undefined;
    const second = await knock(this.#dialer, ports.http, HELLOS.dhip(this.#user), this.#patience);
    if (!answers("dhip", second)) return undefined;
    const cause = `TCP ${ports.http} speaks DHIP as well`;
    const remedy = `Use it with --dhip-port ${ports.http}`;
    const data = { service: "dhip", port: ports.http, state: "open", speaks: "dhip" };
    this.#add(finding("port", "note", cause, remedy, data));
    return { port: ports.http, knock: second };
  }

  /** What the answer to the hello says about logins; true when there will be none. */
  #judgeChallenge({ bytes }: Knock): boolean {
    const step = challengeIn(bytes, this.#device);
    if (step?.kind === "challenge") this.#add(encryptionFinding(step.encryption));
    if (step?.kind !== "refused") return false;
    this.#add(failedLogin(step.error, this.#context("login", "dhip", false)));
    return true;
  }

  /** The web server as clients will use it: HTTPS when asked for or sent there, else HTTP. */
  async #findWeb({ http, https }: Record<Service, Knock>): Promise<Web | undefined> {
    const { http: plainPort, https: tlsPort } = this.#ports;
    try {
      if (answers("http", http) && this.#options.tls !== true) {
        const face = await lookAtWeb(this.#dialer, plainPort, this.#patience);
        if (face.api !== "tls") return { face, dialer: this.#dialer, port: plainPort, way: "http" };
        return await this.#webOverTls(face.tlsPort ?? tlsPort);
      }
      return answers("https", https) ? await this.#webOverTls(tlsPort) : undefined;
    } catch (error) {
      if (!isAboutTheLink(error)) throw error;
      this.#add(finding("web-api", "warning", error.message, error.hint ?? null, {
        code: error.code,
      }));
      return undefined;
    }
  }

  async #webOverTls(port: number): Promise<Web> {
    const { insecure, onNotice } = this.#options;
    const looking = encrypted(this.#dialer, { pins: readOnly(this.#pins), insecure });
    const face = await lookAtWeb(looking, port, this.#patience);
    const dialer = encrypted(this.#dialer, { pins: this.#pins, insecure, onNotice });
    return { face, dialer, port, way: "https" };
  }

  #judgeWeb({ face, way, port }: Web, hasDhip: boolean): void {
    const kinds = schemesFinding(face, way === "https");
    if (kinds !== undefined) this.#add(kinds);
    if (face.api !== "api") {
      const what = {
        page: "A web page comes instead of the web API",
        moved: "The web API redirects elsewhere",
        tls: "The web API redirects in a circle",
        nothing: `There is no web API (status ${face.status})`,
      }[face.api];
      this.#add(finding(
        "web-api",
        "warning",
        `${what}: no snapshots and no events over HTTP`,
        "Switch the web API (CGI) on in the device's network settings, or look whether " +
          `TCP ${port} is this device's`,
        { answer: face.api, status: face.status },
      ));
    }
    if (face.rpc !== false) return;
    this.#add(finding(
      "rpc-over-http",
      hasDhip ? "note" : "warning",
      "RPC over HTTP is switched off",
      hasDhip ? null : "Use the DHIP port, usually 5000: forward it, or name it with --dhip-port",
      { rpc: false },
    ));
  }

  /** Logs in, looks around, logs out. Undefined when there was no session. */
  async #logIn(way: Way, open: () => Promise<RpcSession>): Promise<Examination | undefined> {
    let session: RpcSession;
    try {
      session = await open();
    } catch (error) {
      if (!isAboutTheLink(error)) throw error;
      this.#add(failedLogin(error, this.#context("login", way, false)));
      return undefined;
    }
    try {
      const cause = `${this.#user} logged in over ${WAYS[way]}, once, and out again`;
      this.#add(finding("login", "ok", cause, null, { transport: way, logins: 1 }));
      const { signal, collect = false } = this.#options;
      const examination = await examine(session, { signal, collect, now: () => this.#now() });
      this.#add(...examination.findings);
      return examination;
    } finally {
      await session.close();
    }
  }

  #openDhip(credentials: Credentials, port: number): Promise<RpcSession> {
    return RpcSession.open(this.#dialer, credentials, { ...this.#session, port });
  }

  #openHttp(credentials: Credentials, { dialer, port }: Web): Promise<RpcSession> {
    return openHttpSession(dialer, credentials, { ...this.#session, port });
  }

  /** One question with the password: snapshots and event streams come this way. */
  async #askWebApi(web: Web, credentials: Credentials, acceptedBefore: boolean): Promise<void> {
    const { face, dialer, port, way } = web;
    const { allowCleartext } = this.#options;
    const sendable = face.digest || face.schemes.includes("Basic") && way === "https" ||
      allowCleartext === true;
    if (face.api !== "api" || face.schemes.length === 0 || !sendable) return;
    await using cgi = new CgiClient(dialer, {
      ...this.#session,
      ...credentials,
      port,
      allowBasic: face.digest ? false : undefined,
      encrypt: (plain) => encrypted(plain, this.#options),
    });
    try {
      const { signal } = this.#options;
      await cgi.text("magicBox", [["action", "getDeviceType"]], { signal });
      const cause = `The web API accepts ${credentials.user} (one more login)`;
      this.#add(finding("web-api", "ok", cause, null, { transport: way, logins: 1 }));
    } catch (error) {
      if (!isAboutTheLink(error)) throw error;
      this.#add(failedLogin(error, this.#context("web-api", way, acceptedBefore)));
    }
  }

  get #session() {
    const { guard, clock, timeout, connectTimeout, signal } = this.#options;
    const { allowCleartext, onNotice, onTrace } = this.#options;
    const device = this.#device;
    return {
      device,
      guard,
      clock,
      timeout,
      connectTimeout,
      signal,
      allowCleartext,
      onNotice,
      onTrace,
    };
  }

  #context(check: "login" | "web-api", way: Way, acceptedBefore: boolean) {
    return { check, way, user: this.#user, acceptedBefore, now: this.#now() };
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  get #pins(): PinStore {
    return this.#options.pins ?? processPins;
  }
}

/** A look at a certificate must not make it known: only a login does. */
function readOnly(pins: PinStore): PinStore {
  return {
    get: (endpoint) => pins.get(endpoint),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
  };
}
