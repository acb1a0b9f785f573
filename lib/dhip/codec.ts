/**
 * The pure codecs of the DHIP protocol: bytes in, values out; no network, no clock, no permission.
 *
 * ```ts
 * import { encodeMessage, MessageDecoder } from "@dhip/dhip/codec";
 *
 * const decoder = new MessageDecoder();
 * const bytes = encodeMessage({ requestId: 1, json: { id: 1, result: true } });
 * for (const { json } of decoder.push(bytes)) console.log(json);
 * ```
 *
 * @module
 */

export {
  encodeMessage,
  type FrameLimits,
  HEADER_SIZE,
  type JsonObject,
  type Message,
  MessageDecoder,
  MessageEncoder,
  type OutgoingMessage,
} from "./frame.ts";
export { eventsOfPush, type WireEvent } from "./event.ts";
export { EventTextDecoder, type EventTextItem, type EventTextLimits } from "./event_text.ts";
export { NotifyScriptDecoder, type NotifyScriptLimits } from "./notify_script.ts";
export {
  answerChallenge,
  type Credentials,
  isReadableOnTheWay,
  loginFirstStage,
  type LoginOptions,
  type LoginStep,
  oldDigest,
  readChallenge,
  saltedDigest,
} from "./login.ts";
export {
  deviceError,
  type DeviceErrorContext,
  type DeviceRefusal,
  isPush,
  objectIdOf,
  refusalOf,
  requestEnvelope,
  type RpcRequest,
  type SessionId,
  unwrap,
} from "./envelope.ts";
export {
  DEVICE_ERROR_TEXTS,
  DEVICE_ERRORS,
  type DeviceErrorInfo,
  formatDeviceCode,
  saysSessionUnknown,
} from "./device_errors.ts";
export {
  type DiscoveredDevice,
  DISCOVERY_PROBES,
  isInitialised,
  LEGACY_DISCOVERY_PROBE,
  readDiscoveryAnswer,
  readLegacyDiscoveryAnswer,
} from "./discovery_codec.ts";
export {
  AuthError,
  type AuthErrorOptions,
  DhipError,
  type DhipErrorOptions,
  type ErrorCode,
  FrameError,
  type FrameFault,
} from "../errors.ts";
