/**
 * All CGI scripts of a device.
 *
 * @module
 */

import type { CgiScript } from "../cgi_script.ts";
import { accessControlCgi } from "./access_control.ts";
import { coaxialControlIoCgi } from "./coaxial_control_io.ts";
import { configManagerCgi } from "./config_manager.ts";
import { devVideoInputCgi } from "./dev_video_input.ts";
import { eventManagerCgi } from "./event_manager.ts";
import { globalCgi } from "./global.ts";
import { loadfileCgi } from "./loadfile.ts";
import { logicDeviceManagerCgi } from "./logic_device_manager.ts";
import { magicBoxCgi } from "./magic_box.ts";
import { mediaFileFindCgi } from "./media_file_find.ts";
import { ptzCgi } from "./ptz.ts";
import { recordManagerCgi } from "./record_manager.ts";
import { snapManagerCgi } from "./snap_manager.ts";
import { snapshotCgi } from "./snapshot.ts";
import { storageDeviceCgi } from "./storage_device.ts";
import { userManagerCgi } from "./user_manager.ts";

/** The scripts. */
export const CGI_SCRIPTS: readonly CgiScript[] = [
  accessControlCgi,
  coaxialControlIoCgi,
  configManagerCgi,
  devVideoInputCgi,
  eventManagerCgi,
  globalCgi,
  loadfileCgi,
  logicDeviceManagerCgi,
  magicBoxCgi,
  mediaFileFindCgi,
  ptzCgi,
  recordManagerCgi,
  snapManagerCgi,
  snapshotCgi,
  storageDeviceCgi,
  userManagerCgi,
];
