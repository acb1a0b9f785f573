/**
 * The way to a device behind NAT: asks the P2P cloud, punches a hole, and falls back to a relay.
 *
 * The order of steps is that of dh-p2p; the relay is prepared while the direct path is tried.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { interrupted, withDeadline } from "../net/deadline.ts";
import { type LoginAttempt, type LoginGuard, processLoginGuard } from "../net/login_guard.ts";
import type { CallOptions } from "../net/stream.ts";
import { SERIAL } from "../net/target.ts";
import {
  type Datagram,
  type DatagramAddress,
  type Datagrams,
  type OpenDatagrams,
  openDatagrams,
} from "../net/udp.ts";
import type { DeviceSigner } from "./_device_channel.ts";
import { type DeviceOptions, DeviceQuestions } from "./_device_questions.ts";
import { addressText, Inquiry } from "./_inquiry.ts";
import { addressOf } from "./_own_network.ts";
import { PathSocket } from "./_path_socket.ts";
import { Punching } from "./_punching.ts";
import { Relay } from "./_relay.ts";
import { classify } from "./classify.ts";
import { CloudClient } from "./cloud_client.ts";
import type { PunchTargets } from "./hole_punch.ts";
import { type HandshakeStep, Steps } from "./handshake_steps.ts";
import { checkProfile } from "./profile.ts";

export type { DeviceCredentials } from "./_device_channel.ts";
export type { DeviceOptions } from "./_device_questions.ts";
export type { HandshakeStep, HandshakeStepName } from "./handshake_steps.ts";

/** Time limit of a whole handshake in ms; a public Go forwarder has the same. */
const HANDSHAKE_LIMIT = 35_000;
/** How long a hole is punched, in ms: blackjid/dahua-p2p gives up after 8 s, dh-p2p after 5 s. */
const PUNCH_LIMIT = 8_000;
const PUNCH_LIMIT_WITH_RELAY = 5_000;
/** How long a sign is waited for, in ms, the joining of the relay included. */
const SIGN_LIMIT = 5_000;

/** Options of {@linkcode openPath}. */
export interface HandshakeOptions extends DeviceOptions, CallOptions {
  /** `auto`, the default, tries the direct path first and falls back to a relay. */
  readonly mode?: "auto" | "direct" | "relay" | undefined;
  /** Opens sockets; tests inject their own. */
  readonly openDatagrams?: OpenDatagrams | undefined;
  /**
   * Asked before the device sees a signature of its password, and told what the device says of it;
   * by default that of the process. The identity's host is `sn:SERIAL/tunnel`: whoever logs in
   * through the tunnel may hold a turn of the device's own while the tunnel is opened again.
   */
  readonly guard?: LoginGuard | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Injected randomness, 0 <= x < 1; by default the cryptographic one. */
  readonly random?: (() => number) | undefined;
  /** Time in ms since 1970, for signatures; by default this computer's. */
  readonly wallClock?: (() => number) | undefined;
  /** Hears of each step that is over. */
  readonly onStep?: ((step: HandshakeStep) => void) | undefined;
  /**
   * Gets a sign from the device over a joined relay, for the direct path. Resolves to null when
   * none is given; must stop reading the socket when the signal aborts.
   */
  readonly exchangeSign?: ExchangeSign | undefined;
}

/** See {@linkcode HandshakeOptions.exchangeSign}. */
export type ExchangeSign = (
  socket: Datagrams,
  agent: DatagramAddress,
  options: { readonly signal: AbortSignal; readonly clock: Clock },
) => Promise<Uint8Array | null>;

/** A path to the device: one UDP socket that has been punched, or that a relay knows. */
export interface TunnelPath extends AsyncDisposable {
  /** Which way datagrams go. */
  readonly kind: "direct" | "relay";
  /** The socket; its local port is the one that was punched or reserved. */
  readonly socket: Datagrams;
  /** Where datagrams to the device go. */
  readonly peer: DatagramAddress;
  /** To be shown to the device on a direct path. A secret. */
  readonly sign?: Uint8Array | undefined;
  /** Takes what arrives and is not PTCP: late requests of the device are answered for ever. */
  handle(datagram: Datagram): void;
  /** Gives the relay back and closes the sockets; takes 500 ms at most. */
  release(): Promise<void>;
}

/**
 * Finds a path to a device.
 *
 * @throws {DhipError} `DHIP_P2P_NO_PROFILE`, `DHIP_P2P_IDENTITY_REFUSED`,
 *   `DHIP_P2P_UNKNOWN_DEVICE`, `DHIP_P2P_AUTH_REQUIRED`, `DHIP_AUTH_REFUSED`,
 *   `DHIP_P2P_UNREACHABLE` when neither way works, `DHIP_TIMEOUT` when the cloud is silent,
 *   `DHIP_INTERRUPTED`
 * @throws {AuthError} `DHIP_AUTH_GUARDED` when the device has refused this password before
 * @throws {SyntaxError} for a serial number that cannot be one
 */
export async function openPath(options: HandshakeOptions): Promise<TunnelPath> {
  const { serial, profile, signal, timeout = HANDSHAKE_LIMIT, clock = systemClock } = options;
  checkProfile(profile);
  checkSerial(serial);
  if (options.auth === "device" && options.credentials === undefined) {
    throw new DhipError("DHIP_P2P_AUTH_REQUIRED", "There are no user and password to sign with", {
      host: `sn:${serial}`,
      hint: "Give the device's user and password.",
    });
  }
  const handshake = new Handshake(options, clock);
  try {
    const path = await withDeadline((over) => handshake.run(over), {
      what: `open a tunnel to ${serial}`,
      host: `sn:${serial}`,
      signal,
      timeout,
      clock,
    });
    await handshake.attempt?.accepted();
    return path;
  } catch (error) {
    const isRefused = error instanceof DhipError && error.code === "DHIP_AUTH_REFUSED";
    await (isRefused ? handshake.attempt?.refused() : handshake.attempt?.undecided());
    await handshake.abandon();
    throw error;
  }
}

/** @throws {SyntaxError} for what cannot be a serial number: it becomes part of request lines */
export function checkSerial(serial: string): void {
  if (!SERIAL.test(serial)) throw new SyntaxError(`"${serial}" cannot be a serial number`);
}

/** Errors that another way to the device would not change. */
const FINAL: ReadonlySet<string> = new Set([
  "DHIP_INTERRUPTED",
  "DHIP_P2P_IDENTITY_REFUSED",
  "DHIP_P2P_UNKNOWN_DEVICE",
  "DHIP_P2P_AUTH_REQUIRED",
  "DHIP_AUTH_REFUSED",
  "DHIP_AUTH_UNSUPPORTED",
  "DHIP_DEVICE_REFUSED",
]);

/** Whether there is no use in trying another way. */
function isFinal(error: unknown): boolean {
  return !(error instanceof DhipError) || FINAL.has(error.code);
}

/** The direct side of a handshake. */
interface Direct {
  readonly socket: PathSocket;
  readonly punching: Punching;
  readonly questions: DeviceQuestions;
  /** Takes a datagram that is no PTCP. */
  readonly handle: (datagram: Datagram) => void;
  /** Leaves the reading of the socket to somebody else, and asks no more. */
  readonly handOver: () => void;
}

/** What the relay's side has come to. */
interface Joining {
  readonly relay: Relay;
  /** Settles when the device has joined, or will not. */
  readonly joined: Promise<void>;
}

class Handshake {
  readonly #options: HandshakeOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #steps: Steps;
  readonly #inquiry: Inquiry;
  /** Gives back what was opened. */
  readonly #undo: (() => void | Promise<void>)[] = [];
  #over = false;
  /** What the guard let through, once the password was to be used. */
  attempt: LoginAttempt | undefined;

  constructor(options: HandshakeOptions, clock: Clock) {
    const { random = cryptographic, profile, wallClock = Date.now, serial, onStep } = options;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#steps = new Steps(clock, onStep);
    const client = new CloudClient({ profile, clock, wallClock, random });
    this.#inquiry = new Inquiry(client, `sn:${serial}`);
  }

  /** Gives back everything, after a failure. */
  async abandon(): Promise<void> {
    this.#over = true;
    this.#steps.end();
    await Promise.all(this.#undo.map((undo) => undo()));
  }

  async run(signal: AbortSignal): Promise<TunnelPath> {
    const { profile, mode = "auto", exchangeSign } = this.#options;
    const main = { host: await addressOf(profile.host), port: profile.port };
    const direct = await this.#openDirect(main, signal);
    const { questions } = direct;
    const server = await questions.lookUp();
    const relay = mode === "direct" && exchangeSign === undefined
      ? undefined
      : await this.#openRelay(main, signal);
    const reserved = relay?.reserve();
    reserved?.catch(() => {}); // told where it is waited for

    let signer: DeviceSigner | null = null;
    let targets: PunchTargets | undefined;
    let failure: unknown;
    try {
      await questions.probe(server);
      signer = await questions.signer(server);
      if (signer !== null) this.attempt = await this.#admit(signal);
      targets = await questions.channel(direct.punching.identify, signer);
    } catch (error) {
      const isHeldBack = signer !== null && this.attempt === undefined;
      if (isFinal(error) || mode === "direct" || isHeldBack) throw error;
      failure = error;
    }
    let joining: Joining | undefined;
    if (relay !== undefined) {
      const joined = reserved!.then(() => relay.join(signer));
      joined.catch(() => {}); // told where it is waited for
      joining = { relay, joined };
    }
    if (mode !== "relay" && targets !== undefined) {
      try {
        const peer = await this.#punch(direct, targets, signal);
        return this.#direct(direct, peer, await this.#sign(joining, signal), relay);
      } catch (error) {
        if (isFinal(error)) throw error;
        failure = error;
      }
    }
    if (joining === undefined || mode === "direct") throw this.#unreachable([failure]);
    try {
      await joining.joined;
    } catch (error) {
      // Refusals of the device itself came with the channel already.
      if (signal.aborted || !(error instanceof DhipError)) throw error;
      throw this.#unreachable([failure, error]);
    }
    return this.#relayed(direct, joining.relay);
  }

  async #admit(signal: AbortSignal): Promise<LoginAttempt> {
    const { guard = processLoginGuard, serial, credentials } = this.#options;
    const attempt = await guard.enter({ host: `sn:${serial}/tunnel`, ...credentials! }, signal);
    if (!this.#over) return attempt;
    await attempt.undecided(); // given up in the same moment
    throw interrupted(signal, "open a tunnel", this.#inquiry.host);
  }

  async #open(signal: AbortSignal): Promise<PathSocket> {
    const open = this.#options.openDatagrams ?? openDatagrams;
    const socket = await open({ host: "0.0.0.0" });
    if (this.#over) {
      socket.close();
      throw interrupted(signal, "open a tunnel", this.#inquiry.host);
    }
    return new PathSocket(socket);
  }

  async #openDirect(main: DatagramAddress, signal: AbortSignal): Promise<Direct> {
    const socket = await this.#open(signal);
    const punching = new Punching(socket, this.#clock, this.#random);
    const handle = (datagram: Datagram) => {
      const kind = classify(datagram.bytes);
      if (kind === "punch" || kind === "stun") punching.input(datagram);
      else if (kind === "text") this.#inquiry.client.input(datagram.bytes, datagram.from);
    };
    const stopPump = socket.pump(handle);
    const handOver = () => {
      stopPump();
      punching.stop();
    };
    this.#undo.push(handOver, () => socket.close());
    const line = { inquiry: this.#inquiry, steps: this.#steps, main, socket, signal };
    const questions = new DeviceQuestions(line, this.#options);
    return { socket, punching, questions, handle, handOver };
  }

  async #openRelay(main: DatagramAddress, signal: AbortSignal): Promise<Relay> {
    const socket = await this.#open(signal);
    const line = { inquiry: this.#inquiry, steps: this.#steps, main, socket, signal };
    const relay = new Relay(line, this.#options.serial);
    this.#undo.push(() => relay.release());
    return relay;
  }

  #punch(
    { punching }: Direct,
    targets: PunchTargets,
    signal: AbortSignal,
  ): Promise<DatagramAddress> {
    const { host } = this.#inquiry;
    const timeout = this.#options.mode === "direct" ? PUNCH_LIMIT : PUNCH_LIMIT_WITH_RELAY;
    const isLan = (peer: DatagramAddress) => targets.lan.some(({ host }) => host === peer.host);
    const what = "reach the device directly";
    return this.#steps.run("punch", () => {
      punching.start(targets);
      const limits = { what, host, timeout, clock: this.#clock, signal };
      return withDeadline(() => punching.peer, limits);
    }, (peer) => `direct path to ${addressText(peer)}${isLan(peer) ? " in its own network" : ""}`);
  }

  /** A sign is wanted by some firmwares only: without one the direct path is tried all the same. */
  async #sign(joining: Joining | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { exchangeSign } = this.#options;
    if (exchangeSign === undefined || joining === undefined) return undefined;
    const { relay, joined } = joining;
    const { host } = this.#inquiry;
    const clock = this.#clock;
    const work = async (over: AbortSignal) => {
      await joined;
      if (over.aborted) throw over.reason;
      relay.handOver();
      const sign = await exchangeSign(relay.socket, relay.agent, { signal: over, clock });
      if (sign !== null) return sign;
      throw new DhipError("DHIP_TIMEOUT", "The device gave no sign", { host });
    };
    const limits = { what: "get a sign from the device", host, clock, timeout: SIGN_LIMIT, signal };
    try {
      const detail = () => "the device gave a sign";
      return await this.#steps.run("sign", () => withDeadline(work, limits), detail);
    } catch (error) {
      if (signal.aborted || !(error instanceof DhipError)) throw error;
      return undefined;
    }
  }

  #direct(
    { socket, handle, handOver }: Direct,
    peer: DatagramAddress,
    sign: Uint8Array | undefined,
    relay: Relay | undefined,
  ): TunnelPath {
    this.#steps.end();
    handOver();
    const relayReleased = relay?.release(); // no longer needed; only our own release waits for it
    const release = async () => {
      socket.close();
      await relayReleased;
    };
    return {
      ...{ kind: "direct", socket, peer, sign, handle, release },
      [Symbol.asyncDispose]: release,
    };
  }

  #relayed({ socket: punched, handOver }: Direct, relay: Relay): TunnelPath {
    this.#steps.end();
    handOver();
    punched.close();
    relay.handOver();
    const { socket, agent: peer } = relay;
    const handle = (datagram: Datagram) => relay.handle(datagram);
    const release = () => relay.release();
    return { kind: "relay", socket, peer, handle, release, [Symbol.asyncDispose]: release };
  }

  #unreachable(failures: readonly unknown[]): DhipError {
    const errors = failures.filter((error) => error instanceof DhipError);
    const reasons = errors.map(({ message }) => message).join("; ");
    const { host } = this.#inquiry;
    return new DhipError("DHIP_P2P_UNREACHABLE", `No path to the device: ${reasons}`, {
      host,
      cause: errors.at(-1),
      hint: this.#options.mode === "direct"
        ? "Try a relay: some routers let no direct path through."
        : "Does this network's firewall let UDP out?",
    });
  }
}

function cryptographic(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}
