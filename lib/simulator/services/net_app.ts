/**
 * `netApp`: the state of the network. It works with and without an object.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { interfaces, isTaken, traffic, wirelessNetworks } from "../network.ts";
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
    scanWLanDevices: ({ state, fields }) => {
      const radio = interfaces(state).find(({ Type }) => Type === "Wireless");
      if (radio === undefined || (fields.Name ?? radio.Name) !== radio.Name) {
        return refuse("unknown");
      }
      return ok({ wlanDevice: wirelessNetworks(state, fields.SSID) });
    },
    // A yes means that nobody else has the address.
    checkIPConflict: ({ state, fields }) => {
      const { Address, Interface = "eth0" } = fields;
      const known = interfaces(state).some(({ Name }) => Name === Interface);
      if (typeof Address !== "string" || !known) return refuse("params");
      return isTaken(state, Address) ? refuse("unknown") : ok();
    },
    sendTestMail: ({ state }) => {
      const { Enable, Receivers } = Object(state.config.get("Email")) as Record<string, unknown>;
      const sent = Enable === true && Array.isArray(Receivers) && Receivers.length > 0;
      if (!sent) return refuse("unknown");
      state.counters.mails++;
      return ok();
    },
  },
};
