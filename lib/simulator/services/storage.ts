/**
 * `storage` and `devStorage`: memory cards and disks. Shapes as ItsNotGoodName's clients read them.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import type { Service } from "../service.ts";
import { storageDevices } from "../storage.ts";

/** All devices at once. */
export const storageService: Service = {
  name: "storage",
  factory: "instance",
  methods: {
    getDeviceAllInfo: ({ state }) => {
      const info = storageDevices(state);
      if (state.options.quirks.storageIn === "list") return ok(info);
      return ok({ info: info.length === 0 ? null : info });
    },
    getDeviceNames: ({ state }) => ok({ list: storageDevices(state).map(({ Name }) => Name) }),
  },
};

/** One device, by the name that its instance was made with. */
export const devStorageService: Service = {
  name: "devStorage",
  factory: "instance",
  needsObject: true,
  methods: {
    getDeviceInfo: ({ state, instance, fields }) => {
      const { name } = instance?.key === undefined
        ? fields
        : Object(JSON.parse(instance.key)) as { name?: unknown };
      const device = storageDevices(state).find(({ Name }) => Name === name);
      return device === undefined ? refuse("unknown") : ok({ device });
    },
  },
};
