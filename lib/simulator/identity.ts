/**
 * What a device says it is, over every transport.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** Build of the firmware that the device leaves the factory with. */
const BUILD = 28;

/** Version of the web pages. */
const WEB_VERSION = "5.01.1.1416278";

/** The firmware; every upgrade is one build higher. */
export function softwareVersion(state: DeviceState): Record<string, string> {
  return {
    Build: "Build",
    BuildDate: "2024-03-18",
    SecurityBaseLineVersion: "V2.3",
    Version: `2.840.0000000.${BUILD + state.upgrade.installed}.R`,
    WebVersion: WEB_VERSION,
  };
}

/** Type, processor, numbers. */
export function systemInfo(state: DeviceState): Record<string, unknown> {
  return {
    appAutoStart: true,
    deviceType: state.options.type,
    hardwareVersion: "1.00",
    processor: "ST7108",
    serialNumber: state.serial,
    updateSerial: state.options.type,
  };
}

/** What a device has, by name. Names are general knowledge of the HTTP API (unverified). */
export function productDefinition(state: DeviceState): Record<string, unknown> {
  const { channels, deviceClass } = state.options;
  return {
    AlarmInChannels: 2,
    AlarmOutChannels: 1,
    AudioInputChannels: 1,
    DeviceClass: deviceClass,
    MaxExtraStream: 2,
    MaxPreviewChannels: 64,
    MaxRemoteInputChannels: state.remotes.length,
    MaxVideoInputChannels: channels,
    MaxVideoOutputChannels: deviceClass === "NVR" ? 2 : 0,
    VideoInChannel: channels,
    WebVersion: WEB_VERSION,
  };
}
