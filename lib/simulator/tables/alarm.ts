/**
 * Tables about events and what they set off.
 *
 * @module
 */

import { perChannel, schedule, type TableFacts, type Tables } from "./facts.ts";

/** The tables. */
export function alarmTables(facts: TableFacts): Tables {
  return {
    AccessControl: perChannel(facts, () => ({ Enable: false, Method: 0, UnlockHoldInterval: 2 })),
    Alarm: [1, 2].map((input) => ({
      Enable: false,
      EventHandler: eventHandler(),
      Name: `Вход ${input}`,
      SensorType: "NC",
    })),
    BlindDetect: perChannel(facts, () => ({
      Enable: false,
      EventHandler: eventHandler(),
      Level: 3,
    })),
    CommGlobal: { AlarmEnable: true, RecordEnable: true, SnapEnable: true },
    DisableLinkage: { Enable: false },
    LoginFailureAlarm: { Enable: false, EventHandler: eventHandler() },
    MotionDetect: perChannel(facts, motionDetect),
    SmartMotionDetect: perChannel(facts, () => ({
      Enable: true,
      MotionTypes: [{ Enable: true, Type: "human" }, { Enable: false, Type: "vehicle" }],
      Sensitivity: "Middle",
    })),
    VideoAnalyseRule: perChannel(facts, (channel) => [tripwire(channel), intrusion(channel)]),
  };
}

function tripwire(channel: number): object {
  return {
    Class: "Normal",
    Config: {
      DetectLine: [[1024, 4096], [7168.5, 4096]],
      Direction: "Both",
      SizeFilter: null,
    },
    Enable: channel === 0,
    EventHandler: eventHandler(),
    Id: 0,
    Name: "Grenzlinie – Tor Süd",
    ObjectTypes: ["Human", "Vehicle"],
    Type: "CrossLineDetection",
  };
}

function intrusion(channel: number): object {
  return {
    Class: "Normal",
    Config: {
      ActionType: ["Appear", "Cross"],
      DetectRegion: [[1024, 1024], [7168, 1024], [7168, 7168], [1024, 7168]],
      MinDuration: 0.2,
      SizeFilter: { MaxSize: [8191, 8191], MinSize: [0, 0], Type: "ByLength" },
    },
    Enable: false,
    EventHandler: eventHandler(),
    Id: 1,
    Name: `区域入侵 "${channel + 1}" \\ 北`,
    ObjectTypes: [],
    Type: "CrossRegionDetection",
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
