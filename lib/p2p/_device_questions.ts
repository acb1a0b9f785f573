/**
 * Questions about a device and to it, on the way to the direct path.
 *
 * @module
 */

import { DhipError, type ErrorCode } from "../errors.ts";
import type { DatagramAddress } from "../net/udp.ts";
import {
  channelBody,
  channelTargets,
  type DeviceCredentials,
  DeviceSigner,
} from "./_device_channel.ts";
import { addressText, type AnswerFields, type Inquiry, type Question } from "./_inquiry.ts";
import { ownAddresses } from "./_own_network.ts";
import type { PathSocket } from "./_path_socket.ts";
import { writeAddresses } from "./candidates.ts";
import { readInfo } from "./device_auth.ts";
import type { Steps } from "./handshake_steps.ts";
import type { PunchTargets } from "./hole_punch.ts";
import type { CloudProfile } from "./profile.ts";

/** Time limit in ms of questions that a tunnel may do without. */
const LOOKUP_LIMIT = 5_000;

/** What a handshake asks with. */
export interface Line {
  /** Asks the servers. */
  readonly inquiry: Inquiry;
  /** Reports the steps. */
  readonly steps: Steps;
  /** The cloud's main server. */
  readonly main: DatagramAddress;
  /** The socket to ask from. */
  readonly socket: PathSocket;
  /** Ends every question. */
  readonly signal: AbortSignal;
}

/** Which device, and how. */
export interface DeviceOptions {
  /** Serial number of the device. */
  readonly serial: string;
  /** The cloud that it is registered with. */
  readonly profile: CloudProfile;
  /** Whether requests are signed with the device's password; `auto`, the default: as it says. */
  readonly auth?: "auto" | "none" | "device" | undefined;
  /** User and password of the device, for signing. */
  readonly credentials?: DeviceCredentials | undefined;
  /** IPv4 addresses of this host in its own networks; by default the system's. */
  readonly localAddresses?: (() => readonly string[]) | undefined;
}

/** Asks about one device. */
export class DeviceQuestions {
  readonly #line: Line;
  readonly #options: DeviceOptions;

  constructor(line: Line, options: DeviceOptions) {
    this.#line = line;
    this.#options = options;
  }

  /** Asks the cloud for the server that the device is registered with. */
  async lookUp(): Promise<DatagramAddress> {
    const { serial, profile } = this.#options;
    const to = this.#line.main;
    const where = `${profile.host} (${addressText(to)})`;
    await this.#line.steps.run("cloud", () =>
      this.#ask({
        to,
        what: `ask the P2P cloud ${profile.host}`,
        path: "/probe/p2psrv",
      }), () => `${where} knows the application`);
    return await this.#line.steps.run("serial", async () => {
      const fields = await this.#ask({
        to,
        what: "ask the P2P cloud for the serial number",
        path: `/online/p2psrv/${serial}`,
        notFound: `The P2P cloud ${profile.host} does not know this serial number`,
      });
      return this.#line.inquiry.address(fields, "US", "DS");
    }, (server) => `known, P2P server ${addressText(server)}`);
  }

  /** An offline device ends the handshake; a server that does not say does not. */
  async probe(to: DatagramAddress): Promise<void> {
    const { serial } = this.#options;
    try {
      await this.#line.steps.run("device", () =>
        this.#ask({
          to,
          what: "ask whether the device is online",
          path: `/probe/device/${serial}`,
          notFound: "The device is not online at the P2P cloud",
          timeout: LOOKUP_LIMIT,
        }), () => "online");
    } catch (error) {
      if (this.#isNeeded(error, "DHIP_P2P_UNKNOWN_DEVICE")) throw error;
    }
  }

  /** How requests to the device are signed; null for not at all. */
  async signer(to: DatagramAddress): Promise<DeviceSigner | null> {
    const { serial, auth = "auto", credentials } = this.#options;
    if (auth === "none") return null;
    let salt: string | null = null;
    try {
      const info = await this.#line.steps.run(
        "info",
        async () => {
          const fields = await this.#ask({
            to,
            what: "ask how the device wants to be asked",
            path: `/info/device/${serial}`,
            timeout: LOOKUP_LIMIT,
          });
          return readInfo(fields.get("Info") ?? "");
        },
        ({ salt, readable }) =>
          salt !== null
            ? "the device has a salt for signatures"
            : readable
            ? "the device wants no signatures"
            : "the device's Info cannot be read",
      );
      salt = info.salt;
    } catch (error) {
      if (auth === "device" || this.#isNeeded(error)) throw error;
    }
    if (credentials === undefined || (auth === "auto" && salt === null)) return null;
    return new DeviceSigner(this.#line.inquiry.client, credentials, salt);
  }

  /** Asks the device for its addresses, and tells it ours. */
  async channel(identify: Uint8Array, signer: DeviceSigner | null): Promise<PunchTargets> {
    const { serial, localAddresses = ownAddresses, credentials, auth } = this.#options;
    const own = writeAddresses(localAddresses(), this.#line.socket.address.port);
    try {
      return await this.#line.steps.run(
        "channel",
        async () => {
          const fields = await this.#ask({
            to: this.#line.main,
            what: "ask the device for its addresses",
            path: `/device/${serial}/p2p-channel`,
            body: () => channelBody(identify, own, signer),
            signed: signer !== null,
          });
          const targets = channelTargets(fields, signer);
          if (targets.lan.length + targets.public.length > 0) return targets;
          throw new DhipError("DHIP_BAD_REPLY", "The device told no address", {
            host: this.#line.inquiry.host,
          });
        },
        ({ lan, public: outside }) =>
          `the device is at ${[...outside, ...lan].map(addressText).join(", ")}`,
      );
    } catch (error) {
      const isRequired = error instanceof DhipError && error.code === "DHIP_P2P_AUTH_REQUIRED";
      if (!isRequired || credentials === undefined) throw error;
      const { message, host } = error;
      throw auth === "none"
        ? new DhipError(error.code, message, { host, hint: "Let requests be signed (auth: auto)." })
        : new DhipError("DHIP_AUTH_UNSUPPORTED", `${message}, but told no salt to sign it with`, {
          host,
        });
    }
  }

  /** Whether a failed question ends the handshake that could do without its answer. */
  #isNeeded(error: unknown, code?: ErrorCode): boolean {
    return this.#line.signal.aborted || !(error instanceof DhipError) || error.code === code;
  }

  #ask(question: Omit<Question, "socket" | "signal">): Promise<AnswerFields> {
    const { inquiry, socket, signal } = this.#line;
    return inquiry.ask({ ...question, socket, signal });
  }
}
