/**
 * What a device says it is, over every transport.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** The firmware. */
export const SOFTWARE_VERSION = {
  Build: "Build",
  BuildDate: "2024-03-18",
  SecurityBaseLineVersion: "V2.3",
  Version: "2.840.0000000.28.R",
  WebVersion: "5.01.1.1416278",
} as const;

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

/** `IPC`, `NVR`, `VTO`, …, from the beginning of the type. */
export function deviceClass(state: DeviceState): string {
  return /^(IPC|NVR|XVR|VTO|VTH|SD)/.exec(state.options.type)?.[1] ?? "IPC";
}
