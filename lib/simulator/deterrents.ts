/**
 * White light and siren of a camera.
 *
 * @module
 */

/** What a channel has switched on. */
export interface Deterrents {
  /** White light. */
  light: boolean;
  /** Siren, or a spoken warning. */
  siren: boolean;
}

/** What can be switched: 1 and 0, as the firmware says yes and no. */
export function deterrentCaps(): Record<string, number> {
  return { SupportControlFullcolorLight: 0, SupportControlLight: 1, SupportControlSpeaker: 1 };
}

/** What is switched on, in the firmware's words. */
export function deterrentStatus({ light, siren }: Deterrents): Record<string, string> {
  return { Speaker: siren ? "On" : "Off", WhiteLight: light ? "On" : "Off" };
}

/**
 * Switches: `Type` 1 is the light, 2 the siren; `IO` 1 is on, 2 off. All parts are taken or none;
 * false when one makes no sense.
 */
export function switchDeterrents(own: Deterrents, info: unknown): boolean {
  if (!Array.isArray(info) || info.length === 0) return false;
  const parts = info.map((each) => Object(each) as Record<string, unknown>);
  const known = parts.every(({ Type, IO }) => (Type === 1 || Type === 2) && (IO === 1 || IO === 2));
  if (!known) return false;
  for (const { Type, IO } of parts) own[Type === 1 ? "light" : "siren"] = IO === 1;
  return true;
}
