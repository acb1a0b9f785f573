/**
 * Configuration as a camera leaves the factory with it: names, nesting and types of the tables are
 * those of real devices.
 *
 * @module
 */

/** What the tables depend on. */
export interface TableFacts {
  /** Video channels. */
  readonly channels: number;
  /** Machine name. */
  readonly name: string;
  /** Address of the device. */
  readonly host: string;
  /** MAC address, `aa:bb:…`. */
  readonly mac: string;
}

/** A table: an object, or a list with one entry per channel. */
export type ConfigTable = Record<string, unknown> | unknown[];

/** All tables by name. */
export function factoryTables(facts: TableFacts): Map<string, ConfigTable> {
  const { channels, name, host, mac } = facts;
  const perChannel = (make: (channel: number) => unknown) =>
    Array.from({ length: channels }, (_, channel) => make(channel));
  return new Map<string, ConfigTable>([
    ["AccessControl", perChannel(() => ({ Enable: false, Method: 0, UnlockHoldInterval: 2 }))],
    ["AutoMaintain", { AutoRebootDay: 2, AutoRebootHour: 2, AutoRebootMinute: 0 }],
    [
      "BlindDetect",
      perChannel(() => ({
        Enable: false,
        EventHandler: eventHandler(),
        Level: 3,
      })),
    ],
    ["ChannelTitle", perChannel((channel) => ({ Name: `Channel ${channel + 1}` }))],
    ["CommGlobal", { AlarmEnable: true, RecordEnable: true, SnapEnable: true }],
    ["Email", {
      Address: "none",
      Anonymous: false,
      AttachEnable: true,
      Enable: false,
      Port: 25,
      Receivers: [],
      SendAddress: "",
      SslEnable: false,
      Title: "IPC Message",
      UserName: "",
    }],
    ["Encode", perChannel(encode)],
    ["General", {
      LocalNo: 8,
      LockLoginEnable: true,
      LockLoginTimes: 5,
      LoginFailLockTime: 300,
      MachineName: name,
      MaxOnlineTime: 3600,
    }],
    ["InnerServer", { Telnet: { Enable: false }, SSH: { Enable: false } }],
    ["Locales", {
      DSTEnable: false,
      DSTEnd: { Day: 0, Hour: 0, Minute: 0, Month: 11, Week: 1, Year: 2026 },
      DSTStart: { Day: 0, Hour: 0, Minute: 0, Month: 3, Week: 2, Year: 2026 },
      TimeFormat: "yyyy-MM-dd HH:mm:ss",
    }],
    ["MotionDetect", perChannel(motionDetect)],
    ["NTP", {
      Address: "pool.ntp.org",
      Enable: false,
      Port: 123,
      TimeZone: 13,
      TimeZoneDesc: "GMT+08:00",
      UpdatePeriod: 10,
    }],
    ["Network", {
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
    }],
    [
      "Record",
      perChannel(() => ({
        Format: "dav",
        HolidayEnable: false,
        PreRecord: 5,
        Redundancy: false,
        SnapShot: true,
        Stream: 0,
        TimeSection: schedule("1 00:00:00-23:59:59"),
      })),
    ],
    ["RecordMode", perChannel(() => ({ Mode: 0, ModeExtra1: 2, ModeExtra2: 2 }))],
    ["RTSP", { Enable: true, Port: 554, RTP: { EndPort: 40000, StartPort: 20000 } }],
    [
      "Snap",
      perChannel(() => ({
        HolidayEnable: false,
        TimeSection: schedule("0 00:00:00-23:59:59"),
      })),
    ],
    ["T2UServer", { Enable: false, RegisterServer: "", Port: 8800 }],
    ["UPnP", { Enable: false, MapTable: [], Mode: "Custom", StartDeviceDiscover: false }],
    ["VideoColor", perChannel(() => [videoColor(), videoColor(), videoColor()])],
    ["VideoInMode", perChannel(() => ({ Config: [0], Mode: 0 }))],
    [
      "VideoInOptions",
      perChannel(() => ({
        ...picture(),
        DayNightColor: 1,
        NightOptions: { ...picture(), SunriseHour: 6, SunsetHour: 18, SwitchMode: 4 },
        NormalOptions: picture(),
      })),
    ],
    ["VideoStandard", { VideoStandard: "PAL" }],
    ["VideoWidget", perChannel(videoWidget)],
  ]);
}

function stream(compression: string, width: number, height: number, kbps: number): unknown {
  return {
    Audio: { Bitrate: 64, Compression: "G.711A", Depth: 16, Frequency: 8000, Mode: 0 },
    AudioEnable: true,
    Video: {
      BitRate: kbps,
      BitRateControl: "CBR",
      Compression: compression,
      FPS: 25,
      GOP: 50,
      Height: height,
      Pack: "DHAV",
      Profile: "Main",
      Quality: 4,
      Width: width,
    },
    VideoEnable: true,
  };
}

function encode(): unknown {
  const main = () => stream("H.265", 2688, 1520, 4096);
  const extra = () => stream("H.264", 704, 576, 512);
  return {
    ExtraFormat: [extra(), { ...extra() as object, VideoEnable: false }],
    MainFormat: [main(), main(), main()],
    SnapFormat: [{
      Video: { Compression: "MJPG", FPS: 1, Height: 1520, Quality: 5, Width: 2688 },
      VideoEnable: true,
    }],
  };
}

function motionDetect(): unknown {
  return {
    Enable: true,
    EventHandler: eventHandler(),
    Level: 3,
    MotionDetectWindow: [{
      Id: 0,
      Name: "Region1",
      Region: Array.from({ length: 18 }, () => 4_194_303),
      Sensitive: 60,
      Threshold: 5,
      Window: [0, 0, 8191, 8191],
    }],
  };
}

function eventHandler(): unknown {
  return {
    AlarmOutEnable: false,
    Dejitter: 5,
    MailEnable: false,
    RecordEnable: true,
    RecordLatch: 10,
    SnapshotEnable: false,
    TimeSection: schedule("1 00:00:00-23:59:59"),
  };
}

function picture(): object {
  return {
    AntiFlicker: 0,
    Backlight: 0,
    ExposureMode: 0,
    Flip: false,
    Gain: 50,
    GainMax: 50,
    Mirror: false,
    Rotate90: 0,
    WhiteBalance: "Auto",
    WideDynamicRange: 0,
  };
}

function videoColor(): unknown {
  return {
    Brightness: 50,
    ChromaSuppress: 50,
    Contrast: 50,
    Gamma: 50,
    Hue: 50,
    Saturation: 50,
    TimeSection: "0 00:00:00-24:00:00",
  };
}

function videoWidget(channel: number): unknown {
  const colours = { BackColor: [0, 0, 0, 128], FrontColor: [255, 255, 255, 0] };
  return {
    ChannelTitle: { ...colours, EncodeBlend: true, PreviewBlend: false, Rect: [0, 8191, 0, 8191] },
    CustomTitle: [{
      ...colours,
      EncodeBlend: false,
      PreviewBlend: false,
      Rect: [0, 0, 0, 0],
      Text: "",
    }],
    FontColorType: "Auto",
    TimeTitle: { ...colours, EncodeBlend: true, Rect: [8191, 0, 8191, 0], ShowWeek: channel === 0 },
  };
}

/** Seven days of six periods each. */
function schedule(first: string): string[][] {
  return Array.from({ length: 7 }, () => [
    first,
    ...Array.from({ length: 5 }, () => "0 00:00:00-23:59:59"),
  ]);
}
