/**
 * `storageDevice.cgi`: memory cards and disks.
 *
 * @module
 */

import { storageDevices } from "../../storage.ts";
import { type CgiScript, fault, lines } from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";

/** The script. */
export const storageDeviceCgi: CgiScript = {
  name: "storageDevice",
  actions: {
    getDeviceAllInfo: ({ state }) => {
      const devices = storageDevices(state);
      return devices.length === 0
        ? fault(400, "Bad Request!")
        : lines(leavesOf("list.info", devices));
    },
  },
};
