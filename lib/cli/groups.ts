/**
 * Groups of commands.
 *
 * @module
 */

/** Beginnings that several commands share, and what they have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Read, change, save and restore the configuration of a device",
  overlay: "Titles, time, texts and privacy covers over the pictures",
  clock: "Read, set and check the clock of a device",
  user: "List, make, change and remove the accounts of a device",
  lens: "Focus and zoom of motorised lenses",
  set: "Day and night, lights, privacy, recording, siren",
  upgrade: "Look at and install firmware",
  devices: "Give devices names and tags in the config file",
  ptz: "Turn, tilt and zoom a camera",
  "ptz preset": "Places that a camera remembers",
  "ptz tour": "Rounds of presets",
};
