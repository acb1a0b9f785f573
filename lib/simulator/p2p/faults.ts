/**
 * The faults of the way to a device by its serial number: network, cloud, relay and tunnel.
 * `method` is the name of a request of the cloud: `probe`, `online`, `online-relay`,
 * `probe-device`, `info`, `p2p-channel`, `relay-channel`, `relay-agent`, `relay-start`, `unbind`.
 *
 * @module
 */

import { type FaultInfo, ms, reply, times } from "../fault_info.ts";

const probability = (value: number, what = "datagram") => ({
  name: "probability",
  description: `chance of each ${what}, 0 to 1`,
  default: value,
  min: 0,
  max: 1,
});
const direction = {
  name: "direction",
  description: "`out` of the device, `in` to it, or `both`",
  default: "both",
  choices: ["out", "in", "both"],
};
const port = {
  name: "port",
  description: "only of this port of the device; 0 = any",
  default: 0,
  min: 0,
  max: 65_535,
};

/** Faults of the network between client and device; they strike every datagram of a tunnel. */
const NETWORK_FAULTS: readonly FaultInfo[] = [
  {
    name: "p2p-loss",
    description: "Tunnel: datagrams are lost.",
    options: [probability(0.05), direction],
  },
  {
    name: "p2p-duplicate",
    description: "Tunnel: datagrams come twice.",
    options: [probability(0.1), direction],
  },
  {
    name: "p2p-reorder",
    description: "Tunnel: datagrams are overtaken by later ones.",
    options: [probability(0.1), ms("lag", "how late they come at most", 20), direction],
  },
  {
    name: "p2p-delay",
    description: "Tunnel: datagrams take their time.",
    options: [
      ms("delay", "time on the way", 100),
      ms("jitter", "random time on top, at most", 0),
      direction,
    ],
  },
  {
    name: "p2p-truncate",
    description: "Tunnel: datagrams arrive without their end.",
    options: [probability(0.02), direction],
  },
  {
    name: "p2p-stray",
    description: "Tunnel: datagrams of something else arrive too.",
    options: [probability(0.1), direction],
  },
  {
    name: "p2p-blackhole",
    description: "Tunnel: nothing arrives.",
    options: [direction],
  },
];

/** Habits of a device's sender; they strike tunnels that begin after them. */
const SENDER_FAULTS: readonly FaultInfo[] = [
  {
    name: "p2p-merge",
    description: "Tunnel: messages of the device share segments.",
    options: [probability(0.5, "message")],
  },
  {
    name: "p2p-split",
    description: "Tunnel: messages of the device are cut into two segments.",
    options: [probability(0.5, "message")],
  },
  {
    name: "p2p-odd-segments",
    description: "Tunnel: segments with control byte 1 come, whose body is not of the stream.",
    options: [probability(0.1, "segment")],
  },
  {
    name: "p2p-repeat-syn",
    description: "Tunnel: the connect message is sent again though it was acknowledged.",
    options: [times(3, "repetitions")],
  },
  {
    name: "p2p-small-window",
    description: "Tunnel: the device takes little at once.",
    options: [
      { name: "size", description: "its window, bytes", default: 2000, min: 64, max: 65_535 },
    ],
  },
];

/** Faults of cloud, relay and device. */
const CLOUD_FAULTS: readonly FaultInfo[] = [
  {
    name: "cloud-late",
    description: "Cloud: an answer comes late.",
    options: [ms("delay", "lateness", 1000), ...reply(0)],
  },
  {
    name: "cloud-lost",
    description: "Cloud: a request is heard, its answer never comes.",
    options: reply(1),
  },
  {
    name: "cloud-duplicate",
    description: "Cloud: an answer comes twice.",
    options: reply(0),
  },
  {
    name: "cloud-clock",
    description: "Cloud: its clock is wrong, so that good requests look old.",
    options: [{
      name: "ms",
      description: "how far it is ahead, ms; below 0 = behind",
      default: 3_600_000,
      min: -86_400_000,
      max: 86_400_000,
    }],
  },
  {
    name: "identity-refused",
    description: "Cloud: the user and key of the program are refused.",
    options: [
      { name: "status", description: "401 or 403", default: 403, min: 401, max: 403 },
      ...reply(0),
    ],
  },
  {
    name: "device-unknown",
    description: "Cloud: it does not know the device, or not any more.",
    options: reply(0),
  },
  {
    name: "wrong-salt",
    description: "Device: requests are refused because of their salt.",
    options: [times(0, "requests")],
  },
  {
    name: "nonce-refused",
    description: "Device: requests are refused because of their nonce.",
    options: [times(1, "requests")],
  },
  {
    name: "no-direct-path",
    description: "No datagram passes between client and device, as with a symmetric NAT.",
    options: [],
  },
  {
    name: "nat-rebind",
    description: "The device gets another public port, in the middle of everything.",
    options: [],
  },
  {
    name: "relay-silent",
    description: "Relay: a part of it does not answer.",
    options: [
      {
        name: "what",
        description: "`dispatcher`, `agent`, the `device` that never joins, or `data`",
        default: "data",
        choices: ["dispatcher", "agent", "device", "data"],
      },
    ],
  },
  {
    name: "relay-expires",
    description: "Relay: it ends soon after it was lent.",
    options: [ms("after", "time that it can be used", 10_000), times(0, "relays")],
  },
  {
    name: "sign-unanswered",
    description: "Tunnel: the request for a sign (0x17) stays unanswered.",
    options: [times(0, "requests")],
  },
  {
    name: "bind-refused",
    description: "Tunnel: connections are refused.",
    options: [port, times(0, "connections")],
  },
  {
    name: "bind-unanswered",
    description: "Tunnel: requests for a connection stay unanswered.",
    options: [port, times(0, "connections")],
  },
];

/** All of them. */
export const P2P_FAULTS: readonly FaultInfo[] = [
  ...NETWORK_FAULTS,
  ...SENDER_FAULTS,
  ...CLOUD_FAULTS,
];

/** Those that are a state of things, not single strikes: they count once, when they begin. */
export const LASTING_FAULTS: readonly string[] = [
  ...NETWORK_FAULTS.map(({ name }) => name),
  "cloud-clock",
  "no-direct-path",
  "relay-silent",
];
