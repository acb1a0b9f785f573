import assert from "node:assert/strict";
import { NO_PERMISSION, NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
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
      if (method === "netApp.getCaps") {
        return { result: true, params: { caps: { SupportHTTPS: true } } };
      }
      return NOT_FOUND;
    }));
    const { interfaces, load, upnp, capabilities } = await scripted.camera.network.status();
    assert.deepEqual(capabilities, { SupportHTTPS: true });
    assert.deepEqual(interfaces[0], { ...ETH0, statistics: { Receive: { speed: 10 } } });
    assert.deepEqual([interfaces[1]!.connected, interfaces[1]!.statistics], [true, null]);
    assert.deepEqual(upnp, { Working: true });
    assert.equal(interfaces.length, 2);
    assert.deepEqual(load, { NetCapability: "256" });
  }
});

Deno.test("counters that a device does not have cost nothing else", async () => {
  await using scripted = await scriptedCamera(device(false, () => NOT_FOUND));
  const { interfaces, load, upnp, capabilities } = await scripted.camera.network.status();
  assert.deepEqual(interfaces[0], { ...ETH0, statistics: null });
  assert.deepEqual([interfaces[1]!.connected, load, upnp], [false, null, null]);
  assert.equal(capabilities, null);
});

Deno.test("a device that does not list its interfaces is an error", async () => {
  await using none = await scriptedCamera(() => NOT_FOUND);
  await assert.rejects(none.camera.network.status(), { code: "DHIP_METHOD_NOT_FOUND" });
  await using denied = await scriptedCamera(() => NO_PERMISSION);
  await assert.rejects(denied.camera.network.status(), { code: "DHIP_NO_PERMISSION" });
});

const refusal = (code: number): JsonObject => ({ result: false, error: { code } });

Deno.test("an address is free, taken, or the device cannot look", async () => {
  const cases: [JsonObject, boolean | string][] = [
    [{ result: true }, true],
    [{ result: true, params: {} }, true],
    [{ result: false }, false],
    [refusal(268959743), false],
    [refusal(1234567), false], // no source has the conflict's own code
    [NOT_FOUND, "DHIP_METHOD_NOT_FOUND"],
    [refusal(405), "DHIP_METHOD_NOT_FOUND"],
    [NO_PERMISSION, "DHIP_NO_PERMISSION"],
    [refusal(268894211), "DHIP_BAD_PARAMS"],
    [refusal(268632075), "DHIP_DEVICE_BUSY"],
    [refusal(268894212), "DHIP_DEVICE_REFUSED"],
    [refusal(500), "DHIP_DEVICE_REFUSED"],
  ];
  for (const [reply, expected] of cases) {
    await using scripted = await scriptedCamera(device(true, () => reply));
    const asked = scripted.camera.network.isAddressFree("192.0.2.20");
    if (typeof expected === "boolean") assert.equal(await asked, expected, JSON.stringify(reply));
    else await assert.rejects(asked, { code: expected });
    const { method, params } = scripted.device.asked.at(-1)!;
    assert.equal(method, "netApp.checkIPConflict");
    assert.deepEqual(params, { Interface: "eth0", Address: "192.0.2.20" });
  }
  await using scripted = await scriptedCamera(device(false, () => ({ result: true })));
  const { network } = scripted.camera;
  await network.isAddressFree("192.0.2.20", { interface: "eth2" });
  assert.equal(scripted.device.asked.at(-1)!.params!.Interface, "eth2");
  const before = scripted.device.asked.length;
  for (const address of ["192.0.2", "192.0.2.256", "gate", "2001:db8::1", ""]) {
    await assert.rejects(network.isAddressFree(address), SyntaxError);
  }
  assert.equal(scripted.device.asked.length, before);
});

Deno.test("radio networks come in words and in numbers, from the wireless interface", async () => {
  const wlanDevice = [
    { SSID: "yard", BSSID: "02:00:5e:00:53:01", LinkQuality: 78, AuthMode: 5, EncrAlgr: 3 },
    { SSID: "hall", AuthMode: "WPA-PSK", EncrAlgr: "TKIP", ApConnected: 1 },
    { SSID: "", LinkQuality: "31", AuthMode: 0, EncrAlgr: 0, ApConnected: false },
    { SSID: "café", Encryption: "WPA2-PSK-AES", AuthMode: 1, ApMaxBitRate: 54_000_000 },
    { AuthMode: 1, EncrAlgr: 1 },
    { AuthMode: "OPEN", EncrAlgr: "NONE" },
    { AuthMode: 99, EncrAlgr: 3 },
    "odd",
  ];
  const cards = [{ Name: "eth0", Type: "Normal" }, { Name: "ra0", Type: "Wireless" }];
  const script: Script = ({ method, params }) => {
    if (method === "netApp.getNetInterfaces") {
      return { result: true, params: { netInterface: cards } };
    }
    if (method !== "netApp.scanWLanDevices") return NOT_FOUND;
    return params!.Name === "ra0" ? { result: true, params: { wlanDevice } } : { result: false };
  };
  await using scripted = await scriptedCamera(script);
  const { network } = scripted.camera;
  const found = await network.wirelessNetworks();
  assert.deepEqual(scripted.device.asked.at(-1)!.params, { Name: "ra0", SSID: "" });
  const nothing = { bssid: null, quality: null, connected: null, speed: null };
  const yard = { bssid: "02:00:5e:00:53:01", quality: 78, encryption: "WPA2-PSK-AES" };
  assert.deepEqual(found, [
    { ...nothing, ssid: "yard", ...yard },
    { ...nothing, ssid: "hall", encryption: "WPA-PSK-TKIP", connected: true },
    { ...nothing, ssid: null, quality: 31, encryption: "Off", connected: false },
    { ...nothing, ssid: "café", encryption: "WPA2-PSK-AES", speed: 54 },
    { ...nothing, ssid: null, encryption: "WEP-SHARED" },
    { ...nothing, ssid: null, encryption: "Off" },
    { ...nothing, ssid: null, encryption: null },
    { ...nothing, ssid: null, encryption: null },
  ]);
  await assert.rejects(network.wirelessNetworks({ interface: "eth0" }), {
    code: "DHIP_DEVICE_REFUSED",
  });
  await using wired = await scriptedCamera(device(false, () => NOT_FOUND));
  await assert.rejects(wired.camera.network.wirelessNetworks(), { code: "DHIP_NOT_SUPPORTED" });
  assert.equal(wired.device.count("netApp.scanWLanDevices"), 0);
});

Deno.test("a test mail is sent once, and a refusal points at the mail settings", async () => {
  await using scripted = await scriptedCamera(device(true, () => ({ result: true })));
  await scripted.camera.network.sendTestMail();
  assert.equal(scripted.device.count("netApp.sendTestMail"), 1);
  for (const reply of [{ result: false }, refusal(268959743)]) {
    await using refused = await scriptedCamera(device(false, () => reply));
    await assert.rejects(refused.camera.network.sendTestMail(), {
      code: "DHIP_DEVICE_REFUSED",
      hint: /config get TARGET Email/,
    });
    assert.equal(refused.device.count("netApp.sendTestMail"), 1);
  }
  await using denied = await scriptedCamera(device(false, () => NO_PERMISSION));
  await assert.rejects(denied.camera.network.sendTestMail(), { code: "DHIP_NO_PERMISSION" });
});
