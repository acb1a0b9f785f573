/**
 * What a user does with a device.
 *
 * @module
 */

export type { Camera, Capability } from "./camera.ts";
export { type ConnectOptions, DahuaCamera } from "./dahua_camera.ts";
export { DahuaSystem } from "./dahua_system.ts";
export { type MultiCall, type MultiCallResult, RpcClient } from "./rpc_client.ts";
export type { SystemInfo, SystemService } from "./system.ts";
