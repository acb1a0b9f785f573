/**
 * All services of a device.
 *
 * @module
 */

import type { Service } from "../service.ts";
import { accessControlService } from "./access_control.ts";
import { coaxialControlIoService } from "./coaxial_control_io.ts";
import { configManagerService } from "./config_manager.ts";
import { devVideoInputService } from "./dev_video_input.ts";
import { eventManagerService } from "./event_manager.ts";
import { fileManagerService } from "./file_manager.ts";
import { globalService } from "./global.ts";
import { logService } from "./log.ts";
import { logicDeviceManagerService } from "./logic_device_manager.ts";
import { magicBoxService } from "./magic_box.ts";
import { mediaFileFindService } from "./media_file_find.ts";
import { netAppService } from "./net_app.ts";
import { ptzService } from "./ptz.ts";
import { recordFinderService } from "./record_finder.ts";
import { recordManagerService } from "./record_manager.ts";
import { smdDataFinderService } from "./smd_data_finder.ts";
import { snapManagerService } from "./snap_manager.ts";
import { devStorageService, storageService } from "./storage.ts";
import { streamReaderService } from "./stream_reader.ts";
import { systemService } from "./system.ts";
import { upgraderService } from "./upgrader.ts";
import { userManagerService } from "./user_manager.ts";

/** The services. */
export const SERVICES: readonly Service[] = [
  accessControlService,
  coaxialControlIoService,
  configManagerService,
  devStorageService,
  devVideoInputService,
  eventManagerService,
  fileManagerService,
  globalService,
  logService,
  logicDeviceManagerService,
  magicBoxService,
  mediaFileFindService,
  netAppService,
  ptzService,
  recordFinderService,
  recordManagerService,
  smdDataFinderService,
  snapManagerService,
  storageService,
  streamReaderService,
  systemService,
  upgraderService,
  userManagerService,
];
