/**
 * Tables about the network, and most of the secrets that tables hold.
 *
 * @module
 */

import type { Remote } from "../remotes.ts";
import type { TableFacts, Tables } from "./facts.ts";
import { zoneOf } from "../zones.ts";
import { SECRETS } from "./secrets.ts";

/** The tables. */
export function networkTables(facts: TableFacts): Tables {
  const { name, host, mac, remotes } = facts;
  const zone = zoneOf(facts.utcOffset);
  return {
    DDNS: ["Dahua DDNS", "NO-IP DDNS"].map((Protocol) => ({
      Address: "ddns.example.org",
      DefaultHostName: "",
      Enable: false,
      HostName: "кам-01.example.org",
      KeepAlive: 10,
      Password: SECRETS.ddns,
      Port: 80,
      Protocol,
      UserName: "ddns-user",
    })),
    DVRIP: { MCASTEnable: false, MaxConnections: 10, TCPPort: 37777, UDPPort: 37778 },
    Email: {
      Address: "smtp.example.org",
      Anonymous: false,
      AttachEnable: true,
      Enable: false,
      Password: SECRETS.email,
      Port: 25,
      Receivers: [],
      SendAddress: "",
      SslEnable: false,
      Title: "IPC Message",
      UserName: "mail-user",
    },
    NAS: ["FTP", "SFTP"].map((Protocol, index) => ({
      Address: "192.0.2.21",
      Directory: `share/видео/${index}`,
      Enable: false,
      Name: `NAS${index}`,
      Password: SECRETS.nas,
      Port: Protocol === "FTP" ? 21 : 22,
      Protocol,
      UserName: "nas-user",
    })),
    NTP: {
      Address: "pool.ntp.org",
      Enable: false,
      Port: 123,
      TimeZone: zone.number,
      TimeZoneDesc: zone.name,
      UpdatePeriod: 10,
    },
    Network: {
      DefaultInterface: "eth0",
      Domain: "dahua",
      Hostname: name,
      eth0: {
        DefaultGateway: "192.168.1.1",
        DhcpEnable: false,
        DnsServers: ["8.8.8.8", "8.8.4.4"],
        EnableDhcpReservedIP: false,
        IPAddress: host,
        MTU: 1500,
        PhysicalAddress: mac,
        SubnetMask: "255.255.255.0",
      },
    },
    PPPoE: {
      Enable: false,
      IPAddress: "0.0.0.0",
      Password: SECRETS.pppoe,
      UserName: "line-user",
    },
    RemoteDevice: Object.fromEntries(
      (remotes.length === 0 ? [CAMERA] : remotes).map((remote) => [
        `uuid:System_CONFIG_NETCAMERA_INFO_${remote.channel}`,
        remoteDevice(remote),
      ]),
    ),
    SNMP: {
      AuthPassword: SECRETS.snmpAuth,
      Enable: false,
      PrivPassword: SECRETS.snmpPriv,
      SNMPPort: 161,
      Version: 4,
    },
    T2UServer: { Enable: false, RegisterServer: "", Port: 8800 },
    UPnP: {
      Enable: false,
      MapTable: [
        { Enable: true, InnerPort: 80, OuterPort: 8080, Protocol: "TCP", ServiceName: "HTTP" },
        { Enable: true, InnerPort: 554, OuterPort: 554, Protocol: "TCP", ServiceName: "RTSP" },
      ],
      Mode: "Custom",
      StartDeviceDiscover: false,
    },
    VSP_PaaS: {
      Enable: false,
      RegisterPassword: SECRETS.registerServer,
      Server: "paas.example.org",
    },
    WLan: {
      eth2: {
        ConnectEnable: false,
        Encryption: "WPA2-PSK-AES",
        KeyFlag: true,
        KeyID: 0,
        Keys: [SECRETS.wlanKey, "", "", ""],
        LinkMode: "Auto",
        PSK: SECRETS.wlanPsk,
        SSID: "Лес – 森",
      },
    },
  };
}

/** A camera that a camera knows: firmwares have the table for no reason. */
const CAMERA = { channel: 0, address: "192.0.2.108", type: "IPC" };

function remoteDevice(remote: Pick<Remote, "channel" | "address" | "type">): object {
  const { channel, address, type } = remote;
  return {
    Address: address,
    DeviceType: type,
    Enable: true,
    HttpPort: 80,
    Name: channel === 0 ? "入口 – Einfahrt" : `Camera ${channel + 1}`,
    Password: SECRETS.remoteDevice,
    Port: 37777,
    ProtocolType: "Private",
    UserName: "admin",
    VideoInputs: [{ BufDelay: 160, Enable: true, Name: `Channel ${channel + 1}` }],
  };
}
