/**
 * The event codes of Dahua devices. What is not in the table is passed on all the same.
 *
 * @module
 */

import type { EventKind } from "./event.ts";

/** What is known about a code. */
export interface EventCodeInfo {
  /** In plain words. */
  readonly description: string;
  /** Coarse class. */
  readonly kind: EventKind;
  /** The device can be asked whether it is under way now. */
  readonly lasting?: true;
  /** From general knowledge; not seen in any public project. */
  readonly unverified?: true;
}

const info = (kind: EventKind, description: string): EventCodeInfo => ({ kind, description });
const lasting = (kind: EventKind, description: string): EventCodeInfo => ({
  kind,
  description,
  lasting: true,
});
const unverified = (kind: EventKind, description: string): EventCodeInfo => ({
  kind,
  description,
  unverified: true,
});

/** All codes that are known, by name. */
export const EVENT_CODES: Readonly<Record<string, EventCodeInfo>> = {
  VideoMotion: lasting("motion", "motion detected"),
  VideoMotionInfo: info("motion", "details of a motion"),
  MDResult: info("motion", "result of motion detection"),
  SmartMotionHuman: lasting("motion", "smart motion: a human"),
  SmartMotionVehicle: lasting("motion", "smart motion: a vehicle"),
  CrossLineDetection: lasting("tripwire", "tripwire crossed"),
  CrossRegionDetection: lasting("intrusion", "intrusion into a region"),
  LeftDetection: lasting("object", "object left behind"),
  TakenAwayDetection: lasting("object", "object taken away"),
  ObjectPlacementDetection: info("object", "object placed"),
  ObjectRemovalDetection: info("object", "object removed"),
  VideoAbnormalDetection: lasting("video", "picture abnormal"),
  VideoUnFocus: lasting("video", "picture out of focus"),
  VideoLoss: lasting("video", "video signal lost"),
  VideoBlind: lasting("video", "lens covered"),
  FaceDetection: lasting("face", "face detected"),
  FaceRecognition: info("face", "face recognised"),
  AudioMutation: lasting("audio", "sudden change of sound"),
  AudioAnomaly: lasting("audio", "sound anomaly"),
  WanderDetection: lasting("behaviour", "loitering"),
  RioterDetection: lasting("behaviour", "people gathering"),
  CrowdDetection: info("behaviour", "crowd"),
  ParkingDetection: lasting("behaviour", "parking"),
  MoveDetection: lasting("behaviour", "fast movement"),
  HeatImagingTemper: lasting("temperature", "thermal temperature alarm"),
  FireWarning: lasting("temperature", "fire warning"),
  FireWarningInfo: info("temperature", "details of a fire warning"),
  TrafficJunction: info("traffic", "picture at a traffic junction"),
  IntelliFrame: info("other", "frame of an analysis"),
  InterVideoAccess: info("network", "device added or opened by another recorder"),
  AlarmLocal: lasting("alarm", "local alarm input"),
  AlarmOutput: info("alarm", "state of an alarm output"),
  ProfileAlarmTransmit: info("alarm", "alarm passed on from a detector"),
  StorageNotExist: lasting("storage", "no storage"),
  StorageFailure: lasting("storage", "storage failure"),
  StorageLowSpace: lasting("storage", "storage nearly full"),
  StorageFormat: unverified("storage", "storage formatted"),
  NetAbort: info("network", "network cable lost"),
  IPConflict: info("network", "address conflict"),
  LoginFailure: info("access", "failed login"),
  SafetyAbnormal: info("system", "security anomaly"),
  RemoteIPModified: info("network", "address of a remote device changed"),
  NTPAdjustTime: info("system", "clock set by NTP"),
  TimeChange: info("system", "clock changed"),
  NewFile: info("storage", "file written"),
  UpdateFile: unverified("storage", "file changed"),
  Reboot: info("system", "device restarts"),
  Exit: info("system", "service ends"),
  ShutDown: info("system", "device shuts down"),
  RtspSessionDisconnect: unverified("network", "RTSP session ended"),
  BackKeyLight: info("call", "door station: key light, state of a call"),
  PhoneCallDetect: info("call", "door station: phone call"),
  CallNoAnswered: info("call", "door station: call not answered"),
  Invite: info("call", "door station: call started"),
  DoorStatus: info("access", "door station: door open or closed"),
  AccessControl: info("access", "door station: access granted or refused"),
  AccessCtl: info("access", "door station: access record"),
  FingerPrintCheck: unverified("access", "door station: fingerprint checked"),
  SIPRegis: info("call", "door station: SIP registration"),
  VideoTalk: unverified("call", "door station: video call"),
  DoorbellPressed: info("call", "door station: bell; derived by rroller/dahua, never sent"),
};

/** Codes that announce the end of the connection. */
export const RESTART_CODES: readonly string[] = ["Reboot", "ShutDown"];

/** Class of a code; `other` for unknown ones. */
export function kindOf(code: string): EventKind {
  return infoOf(code)?.kind ?? "other";
}

/** True when the device can be asked whether this is under way. */
export function isLasting(code: string): boolean {
  return infoOf(code)?.lasting ?? false;
}

function infoOf(code: string): EventCodeInfo | undefined {
  return Object.hasOwn(EVENT_CODES, code) ? EVENT_CODES[code] : undefined;
}
