/**
 * Tables about pictures and streams.
 *
 * @module
 */

import { type ConfigTable, perChannel, schedule, type TableFacts, type Tables } from "./facts.ts";

/** The tables. */
export function videoTables(facts: TableFacts): Tables {
  return {
    ChannelTitle: perChannel(facts, (channel) => ({ Name: `Channel ${channel + 1}` })),
    Encode: perChannel(facts, () => encode(facts)),
    LeLensMask: perChannel(facts, (channel) => ({
      Enable: false,
      LastPosition: [0.5 * channel, -12.25, 1],
      TimeSection: schedule("1 00:00:00-23:59:59"),
    })),
    Lighting_V2: perChannel(facts, lighting),
    RTSP: { Enable: true, Port: 554, RTP: { EndPort: 40000, StartPort: 20000 } },
    Record: perChannel(facts, () => ({
      Format: "dav",
      HolidayEnable: false,
      PreRecord: 5,
      Redundancy: false,
      SnapShot: true,
      Stream: 0,
      TimeSection: schedule("1 00:00:00-23:59:59"),
    })),
    RecordMode: perChannel(facts, () => ({ Mode: 0, ModeExtra1: 2, ModeExtra2: 2 })),
    Snap: perChannel(facts, () => ({
      HolidayEnable: false,
      TimeSection: schedule("0 00:00:00-23:59:59"),
    })),
    StorageGroup: [
      {
        Channels: [],
        FileHoldTime: 0,
        Memo: "For reading and writing",
        Name: "ReadWrite",
        OverWrite: true,
      },
      { Channels: [], FileHoldTime: 0, Memo: "For copies", Name: "Redundant", OverWrite: true },
    ],
    VideoColor: perChannel(facts, () => [videoColor(), videoColor(), videoColor()]),
    VideoInMode: perChannel(facts, () => ({ Config: [0], Mode: 0 })),
    VideoInOptions: perChannel(facts, () => ({
      ...picture(),
      DayNightColor: 1,
      NightOptions: { ...picture(), SunriseHour: 6, SunsetHour: 18, SwitchMode: 4 },
      NormalOptions: picture(),
    })),
    VideoStandard: { VideoStandard: "PAL" },
    VideoWidget: perChannel(facts, videoWidget),
  };
}

/** Day, night and their lamps: lists in lists. */
function lighting(): ConfigTable {
  const lamp = (LightType: string) => ({
    Correction: 50,
    FarLight: [{ Angle: 50, Light: 0 }, { Angle: 50, Light: 0 }],
    LightType,
    MiddleLight: [{ Angle: 50, Light: 0 }, { Angle: 50, Light: 50 }],
    Mode: "ZoomPrio",
    NearLight: [],
    PercentOfMaxBrightness: 100,
    Sensitive: 3,
  });
  return [[lamp("InfraredLight")], [lamp("InfraredLight"), lamp("WhiteLight")], []];
}

function stream(
  compression: string,
  sound: string,
  width: number,
  height: number,
  kbps: number,
): unknown {
  return {
    Audio: {
      Bitrate: 64,
      Compression: sound === "none" ? "G.711A" : sound,
      Depth: 16,
      Frequency: 8000,
      Mode: 0,
    },
    AudioEnable: sound !== "none",
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

/** Sizes and rates are those of a real camera; what is sent is smaller. */
function encode({ streams }: TableFacts): unknown {
  const { mainVideo, subVideo, sound } = streams;
  const main = () => stream(mainVideo, sound, 2688, 1520, 4096);
  const extra = () => stream(subVideo, sound, 704, 576, 512);
  return {
    ExtraFormat: [extra(), { ...extra() as object, VideoEnable: false }],
    MainFormat: [main(), main(), main()],
    SnapFormat: [{
      Video: { Compression: "MJPG", FPS: 1, Height: 1520, Quality: 5, Width: 2688 },
      VideoEnable: true,
    }],
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
