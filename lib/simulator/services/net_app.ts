/**
 * `netApp`: the state of the network. It works with and without an object.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { interfaces, traffic, wirelessNetworks } from "../network.ts";
import type { Service } from "../service.ts";

/** The service. */
export const netAppService: Service = {
  name: "netApp",
  factory: "instance",
  adminOnly: ["sendTestMail"],
  methods: {
    getNetInterfaces: ({ state }) => ok({ netInterface: interfaces(state) }),
    getCaps: () =>
      ok({
        caps: {
          Bond: 0,
          DeviceDiscoveryPrivate: true,
          IEEE802_1X: true,
          P2P: { Support: true },
          SupportHTTPS: true,
          SupportedMobilePush: false,
        },
      }),
    getNetDataStat: ({ state, fields }) =>
      fields.Name === undefined || fields.Name === "eth0"
        ? ok({ Name: "eth0", ...traffic(state) })
        : refuse("unknown"),
    getNetResourceStat: ({ state }) =>
      ok({
        IPChanneIn: state.remotes.length * 4096, // the firmware's spelling
        NetCapability: 327_680,
        NetRemain: 327_680 - state.remotes.length * 4096,
        RemotePreview: 0,
        RemoteSendCapability: 131_072,
        RemoteSendRemain: 131_072,
      }),
    getLinkStatus: ({ fields }) =>
      fields.Name === undefined || fields.Name === "eth0"
        ? ok({ LinkStatus: true, Name: "eth0" })
        : refuse("unknown"),
    getUPnPStatus: ({ state }) => {
      const { Enable } = Object(state.config.get("UPnP")) as { Enable?: unknown };
      return ok({ Working: Enable === true, Status: Enable === true ? "Success" : "Disabled" });
    },
    scanWLanDevices: ({ state, fields }) =>
      ok({ wlanDevice: wirelessNetworks(state, fields.SSID) }),
    // A yes means that nobody else has the address.
    checkIPConflict: ({ state, fields }) => {
      const { Address } = fields;
      if (typeof Address !== "string") return refuse("params");
      const taken = state.remotes.some(({ address }) => address === Address);
      return taken ? refuse("unknown") : ok();
    },
    sendTestMail: ({ state }) => {
      const { Enable, Receivers } = Object(state.config.get("Email")) as Record<string, unknown>;
      const sent = Enable === true && Array.isArray(Receivers) && Receivers.length > 0;
      return sent ? ok() : refuse("unknown");
    },
  },
};
