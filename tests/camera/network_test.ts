import assert from "node:assert/strict";
import { NO_PERMISSION, NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";
import type { Script } from "../support/scripted_device.ts";

const CARDS = [
  {
    Name: "eth0",
    NetCardName: "eth0",
    Type: "Normal",
    ConnStatus: "Connected",
    PhysicalAddress: "00:00:5e:00:53:01",
    Speed: 1000,
    Valid: true,
  },
  { Name: "wlan0", Valid: false },
  { NetCardName: "nameless" },
];
const NETWORK = {
  eth0: {
    IPAddress: "192.0.2.7",
    SubnetMask: "255.255.255.0",
    DefaultGateway: "192.0.2.1",
    DhcpEnable: false,
    DnsServers: ["192.0.2.53", "192.0.2.54"],
  },
};

/** A device; `objects` wants an object for its netApp. */
function device(objects: boolean, more: Script): Script {
  return (asked, self) => {
    const { method, params, object } = asked;
    if (method === "netApp.factory.instance") return objects ? { result: 3 } : NOT_FOUND;
    if (method.startsWith("netApp.")) assert.equal(object, objects ? 3 : undefined);
    if (method === "netApp.getNetInterfaces") {
      return { result: true, params: { netInterface: CARDS } };
    }
    if (method === "configManager.getConfig" && params!.name === "Network") {
      return { result: true, params: { table: NETWORK } };
    }
    return more(asked, self);
  };
}

const ETH0 = {
  name: "eth0",
  type: "Normal",
  connected: true,
  mac: "00:00:5e:00:53:01",
  speed: 1000,
  dhcp: false,
  address: "192.0.2.7",
  mask: "255.255.255.0",
  gateway: "192.0.2.1",
  dns: ["192.0.2.53", "192.0.2.54"],
};

Deno.test("interfaces with addresses and counters, with and without an object", async () => {
  for (const objects of [true, false]) {
    await using scripted = await scriptedCamera(device(objects, ({ method, params }) => {
      if (method === "netApp.getNetDataStat" && params!.Name === "eth0") {
        return { result: true, params: { Receive: { speed: 10 } } };
      }
      if (method === "netApp.getNetResourceStat") {
        return { result: true, params: { NetCapability: "256" } };
      }
      if (method === "netApp.getUPnPStatus") return { result: true, params: { Working: true } };
      if (method === "netApp.getLinkStatus" && params!.Name === "wlan0") {
        return { result: true, params: { LinkStatus: true } };
      }
      return NOT_FOUND;
    }));
    const { interfaces, load, upnp } = await scripted.camera.network.status();
    assert.deepEqual(interfaces[0], { ...ETH0, statistics: { Receive: { speed: 10 } } });
    assert.deepEqual([interfaces[1]!.connected, interfaces[1]!.statistics], [true, null]);
    assert.deepEqual(upnp, { Working: true });
    assert.equal(interfaces.length, 2);
    assert.deepEqual(load, { NetCapability: "256" });
  }
});

Deno.test("counters that a device does not have cost nothing else", async () => {
  await using scripted = await scriptedCamera(device(false, () => NOT_FOUND));
  const { interfaces, load, upnp } = await scripted.camera.network.status();
  assert.deepEqual(interfaces[0], { ...ETH0, statistics: null });
  assert.deepEqual([interfaces[1]!.connected, load, upnp], [false, null, null]);
});

Deno.test("a device that does not list its interfaces is an error", async () => {
  await using none = await scriptedCamera(() => NOT_FOUND);
  await assert.rejects(none.camera.network.status(), { code: "DHIP_METHOD_NOT_FOUND" });
  await using denied = await scriptedCamera(() => NO_PERMISSION);
  await assert.rejects(denied.camera.network.status(), { code: "DHIP_NO_PERMISSION" });
});
