/**
 * A relay: found, reserved, joined by the device, and given back.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Datagram, DatagramAddress } from "../net/udp.ts";
import type { PathSocket } from "./_path_socket.ts";
import type { DeviceSigner } from "./_device_channel.ts";
import type { Line } from "./_device_questions.ts";
import { addressText } from "./_inquiry.ts";
import { classify } from "./classify.ts";

/** Some dispatchers never answer: after this many ms another one is asked for. */
const AGENT_LIMIT = 5_000;
/** Dispatchers that are tried. */
const MOST_DISPATCHERS = 2;
/** Waits of the request that a device joins (three public programs resend after 2 s). */
const JOIN_WAITS = [2_000, 2_000, 2_000, 2_000];
/** Time in ms that giving back may take, and the wait before it is sent again. */
const RELEASE_LIMIT = 500;
const RELEASE_WAITS = [200];

/** One relay, with a socket of its own. */
export class Relay {
  /** The socket; only its port may talk to the agent. */
  readonly socket: PathSocket;
  readonly #line: Line;
  readonly #serial: string;
  readonly #given = new AbortController();
  #stop: () => void;
  #dispatcher: DatagramAddress | undefined;
  #agent: DatagramAddress | undefined;
  #token = "";
  #released: Promise<void> | undefined;

  /** The line has a socket of the relay's own. */
  constructor(line: Line, serial: string) {
    this.#line = { ...line, signal: AbortSignal.any([line.signal, this.#given.signal]) };
    this.#serial = serial;
    this.socket = line.socket;
    this.#stop = this.#pump();
  }

  /** Address of the agent, once it is known. */
  get agent(): DatagramAddress {
    return this.#agent!;
  }

  /** Finds an agent and reserves it. */
  async reserve(): Promise<void> {
    const { inquiry, steps, main, socket, signal } = this.#line;
    for (let tries = 1; this.#agent === undefined; tries++) {
      this.#dispatcher = await steps.run("dispatcher", async () => {
        const what = "ask for a relay";
        return inquiry.address(
          await inquiry.ask({ what, socket, to: main, path: "/online/relay", signal }),
          "Address",
        );
      }, (at) => `relay dispatcher ${addressText(at)}`);
      try {
        await this.#findAgent(this.#dispatcher);
      } catch (error) {
        const isSilent = error instanceof DhipError && error.code === "DHIP_TIMEOUT";
        if (!isSilent || tries === MOST_DISPATCHERS) throw error;
      }
    }
    const to = this.agent;
    await steps.run("lease", () =>
      inquiry.ask({
        what: "reserve the relay",
        socket,
        to,
        path: `/relay/start/${this.#token}`,
        body: () => ({ Client: ":0" }),
        signal,
      }), () => "the relay is reserved");
  }

  async #findAgent(to: DatagramAddress): Promise<void> {
    const { inquiry, steps, socket, signal } = this.#line;
    const what = "ask for a relay agent";
    this.#agent = await steps.run("agent", async () => {
      const fields = await inquiry.ask({
        what,
        socket,
        to,
        path: "/relay/agent",
        timeout: AGENT_LIMIT,
        signal,
      });
      const token = fields.get("Token") ?? "";
      // It becomes part of a request line.
      if (!/^[\x21-\x7e]{1,256}$/.test(token)) {
        throw new DhipError("DHIP_BAD_REPLY", "The relay's answer has no usable token", {
          host: inquiry.host,
        });
      }
      const agent = inquiry.address(fields, "Agent");
      this.#token = token;
      return agent;
    }, (at) => `relay agent ${addressText(at)}`);
  }

  /** Lets the device join. The answer comes from the agent, a refusal from the cloud. */
  async join(signer: DeviceSigner | null): Promise<void> {
    const { inquiry, steps, socket, main, signal } = this.#line;
    const agentAddr = addressText(this.agent);
    await steps.run("join", () =>
      inquiry.ask({
        what: "let the device join the relay",
        socket,
        to: main,
        alsoFrom: this.agent,
        path: `/device/${this.#serial}/relay-channel`,
        body: () => ({ ...signer?.sign(null).fields, agentAddr }),
        signed: signer !== null,
        waits: JOIN_WAITS,
        signal,
      }), () => `the device joined the relay ${agentAddr}`);
  }

  /** Takes a datagram of the socket that is no PTCP. */
  handle({ bytes, from }: Datagram): void {
    if (classify(bytes) === "text") this.#line.inquiry.client.input(bytes, from);
  }

  /** Leaves the reading of the socket to somebody else. */
  handOver(): void {
    this.#stop();
  }

  /** Gives the relay back from the port that reserved it, and closes the socket. */
  release(): Promise<void> {
    return this.#released ??= this.#release();
  }

  async #release(): Promise<void> {
    const { inquiry, socket } = this.#line;
    this.#given.abort();
    this.#stop();
    try {
      if (this.#token === "" || this.#dispatcher === undefined) return;
      this.#stop = this.#pump();
      await inquiry.ask({
        what: "give the relay back",
        socket,
        to: this.#dispatcher,
        path: `/relay/unbind/${this.#token}`,
        timeout: RELEASE_LIMIT,
        waits: RELEASE_WAITS,
      });
    } catch {
      // A refusal means that the lease is over already; without an answer it ends by itself.
    } finally {
      this.#stop();
      socket.close();
    }
  }

  #pump(): () => void {
    return this.socket.pump((datagram) => this.handle(datagram));
  }
}
