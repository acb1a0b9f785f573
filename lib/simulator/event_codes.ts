/**
 * The events that a device has of its own accord, as far as the protocol reference lists them.
 *
 * @module
 */

/** Codes that begin and end. */
export const LASTING_CODES: readonly string[] = [
  "VideoMotion",
  "SmartMotionHuman",
  "SmartMotionVehicle",
  "CrossLineDetection",
  "CrossRegionDetection",
  "VideoLoss",
  "VideoBlind",
  "AlarmLocal",
  "AudioMutation",
];

/** Codes of single moments. */
const PULSE_CODES: readonly string[] = [
  "NewFile",
  "LoginFailure",
  "TimeChange",
  "Reboot",
  "ShutDown",
];

/** All of them. */
export const EVENT_CODES: readonly string[] = [...LASTING_CODES, ...PULSE_CODES];
