/**
 * Cameras behind a recorder.
 *
 * @module
 */

import { Random } from "./prng.ts";

/** A camera behind a channel of a recorder. */
export interface Remote {
  /** Channel, 0-based. */
  readonly channel: number;
  /** Address. */
  readonly address: string;
  /** Model. */
  readonly type: string;
  /** Serial number. */
  readonly serial: string;
  /** MAC address, `aa:bb:…`. */
  readonly mac: string;
  /** False: no link. */
  readonly online: boolean;
}

const MODELS = ["IPC-HFW5442E-ZE", "IPC-HDW2831T-AS", "SD49425XB-HNR"];

/** The cameras of a recorder; `offline` are channels, 1-based. */
export function remotesOf(seed: number, channels: number, offline: readonly number[]): Remote[] {
  const random = new Random(seed, 0x4e56_5200);
  return Array.from({ length: channels }, (_, channel) => ({
    channel,
    address: `192.0.2.${101 + channel}`,
    type: MODELS[channel % MODELS.length]!,
    serial: `SIMR${random.hex(11)}`,
    mac: `02${random.hex(10).toLowerCase()}`.replace(/..(?=.)/g, "$&:"),
    online: !offline.includes(channel + 1),
  }));
}

/** All channels of a recorder in the words of LogicDeviceManager.getCameraAll. */
export function describeCameras(remotes: readonly Remote[]): Record<string, unknown>[] {
  return remotes.map(({ channel, address, type, serial, mac }) => ({
    ControlID: "",
    DeviceID: `uuid:System_CONFIG_NETCAMERA_INFO_${channel}`,
    DeviceInfo: {
      Address: address,
      DeviceType: type,
      HttpPort: 80,
      Mac: mac,
      Name: `Camera ${channel + 1}`,
      Port: 37777,
      ProtocolType: "Private",
      SerialNo: serial,
      UserName: "admin",
      VideoInputs: [{ Enable: true, Name: `Channel ${channel + 1}` }],
    },
    Enable: true,
    Type: "Remote",
    UniqueChannel: channel,
    VideoStandard: "PAL",
  }));
}

/**
 * Links in the words of LogicDeviceManager.getCameraState; -1 wants all channels. Undefined when a
 * channel does not exist.
 */
export function cameraStates(
  remotes: readonly Remote[],
  wanted: readonly unknown[],
): Record<string, unknown>[] | undefined {
  const chosen = wanted.includes(-1) ? remotes.map(({ channel }) => channel) : wanted;
  const states = chosen.map((each) => remotes.find(({ channel }) => channel === each));
  if (states.includes(undefined)) return undefined;
  return (states as Remote[]).map(({ channel, online }) => ({
    channel,
    connectionState: online ? "Connected" : "Unconnect", // the firmware's word
  }));
}
