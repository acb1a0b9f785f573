/**
 * Tunnels to devices by their serial numbers.
 *
 * @module
 */

export { Forward, type ForwardEnd, type ForwardEvent, type ForwardOptions } from "./forward.ts";
export {
  type DeviceCredentials,
  type DeviceOptions,
  type ExchangeSign,
  type HandshakeOptions,
  type HandshakeStep,
  type HandshakeStepName,
  openPath,
  type TunnelPath,
} from "./handshake.ts";
export type { MuxFailure, MuxOptions } from "./mux_options.ts";
export { CLOUD_PORT, type CloudProfile } from "./profile.ts";
export type { PseudoTcpFailure } from "./pseudo_tcp_types.ts";
export { P2pTunnel, type TunnelEvent, type TunnelOptions, type TunnelStats } from "./tunnel.ts";
