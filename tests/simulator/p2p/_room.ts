/** A client of a simulated world, written in bytes. */

import assert from "node:assert/strict";
import type { DatagramAddress } from "../../../lib/net/udp.ts";
import { P2pWorld, type WorldOptions } from "../../support/p2p_world.ts";
import { addressOf, type Answer, ask, IDENTIFY, Listener, saltOf } from "./_cloud_client.ts";
import { RawPeer } from "./_raw_tunnel.ts";

/** A request of hole punching with the Identify of all these tests. */
export const CHECK = Uint8Array.fromHex(
  "fffeffe701020304101112131415161718191a1b7fd5fff75bcb5afafb72fe63fffbfff7fffea81339cc9bf6",
);

/** A request for a direct tunnel, without authentication. */
export const TYPE0 = `<Identify>${IDENTIFY}</Identify><IpEncrpt>true</IpEncrpt>` +
  "<LocalAddr>63.87.77.235:50000</LocalAddr><version>5.0.0</version>";

export class Room implements AsyncDisposable {
  readonly world: P2pWorld;
  readonly listener: Listener;
  readonly serial: string;

  constructor(world: P2pWorld, listener: Listener) {
    this.world = world;
    this.listener = listener;
    this.serial = world.device.serial;
  }

  static async open(options: WorldOptions = {}): Promise<Room> {
    const world = await P2pWorld.start(options);
    return new Room(world, new Listener(await world.client.openDatagrams({ port: 50_000 })));
  }

  get now(): number {
    return this.world.cloud.options.wallClock();
  }

  get main(): DatagramAddress {
    return this.world.cloud.address;
  }

  /** Asks and waits for the answers of the next 200 ms. */
  async all(
    path: string,
    options: Parameters<typeof ask>[1] = {},
    to: DatagramAddress = this.main,
  ): Promise<Answer[]> {
    this.listener.answers.length = 0;
    this.listener.send(ask(path, { created: this.now, ...options }), to);
    await this.world.clock.advance(200);
    return this.listener.answers.splice(0);
  }

  async one(...args: Parameters<Room["all"]>): Promise<Answer> {
    const answers = await this.all(...args);
    assert.equal(answers.length, 1);
    return answers[0]!;
  }

  async server(): Promise<DatagramAddress> {
    return addressOf((await this.one(`/online/p2psrv/${this.serial}`)).fields.US!);
  }

  async dispatcher(): Promise<DatagramAddress> {
    return addressOf((await this.one("/online/relay")).fields.Address!);
  }

  async salt(): Promise<string> {
    const info = await this.one(`/info/device/${this.serial}`, {}, await this.server());
    return saltOf(info.fields.Info!);
  }

  async relay(): Promise<{ token: string; agent: DatagramAddress; dispatcher: DatagramAddress }> {
    const dispatcher = await this.dispatcher();
    const { fields } = await this.one("/relay/agent", {}, dispatcher);
    return { token: fields.Token!, agent: addressOf(fields.Agent!), dispatcher };
  }

  channel(body: string): Promise<Answer[]> {
    return this.all(`/device/${this.serial}/p2p-channel`, { body: `<body>${body}</body>` });
  }

  /** A tunnel by the direct way, open. */
  async direct(): Promise<RawPeer> {
    const { fields } = (await this.channel(TYPE0)).at(-1)!;
    const device = addressOf(fields.PubAddr!);
    this.listener.send(CHECK, device);
    return await this.#connect(device);
  }

  /** A relay that is started; with its device when that joins. */
  async joined(): Promise<{ token: string; agent: DatagramAddress; answers: Answer[] }> {
    const { token, agent } = await this.relay();
    await this.all(`/relay/start/${token}`, { body: "<body><Client>:0</Client></body>" }, agent);
    const body = `<body><agentAddr>${agent.host}:${agent.port}</agentAddr></body>`;
    const answers = await this.all(`/device/${this.serial}/relay-channel`, { body });
    return { token, agent, answers };
  }

  /** A tunnel over a relay, open. */
  async relayed(): Promise<RawPeer> {
    return await this.#connect((await this.joined()).agent);
  }

  async #connect(to: DatagramAddress): Promise<RawPeer> {
    const peer = new RawPeer((datagram) => this.listener.send(datagram, to));
    this.listener.onSegment = (bytes, from) => {
      if (from.port === to.port && from.host === to.host) peer.input(bytes);
    };
    peer.connect();
    await this.world.clock.advance(100);
    peer.send(new Uint8Array(0));
    await this.world.clock.advance(100);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
    await this.world[Symbol.asyncDispose]();
  }
}
