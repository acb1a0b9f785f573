/**
 * The faults of a device and of its DHIP port. Those of replies strike HTTP answers too, where that
 * has a meaning.
 *
 * @module
 */

import { type FaultInfo, ms, reply, size, times } from "./fault_info.ts";

/** The faults. */
export const DHIP_FAULTS: readonly FaultInfo[] = [
  {
    name: "split-frames",
    description: "Every write is cut at random places.",
    options: [
      { name: "pieces", description: "most pieces of a write", default: 8, min: 2, max: 1000 },
    ],
  },
  {
    name: "merge-frames",
    description: "Messages are held back and leave several in one write.",
    options: [ms("hold", "time from the first message held to the write", 20)],
  },
  {
    name: "one-byte",
    description: "Every byte is a write of its own.",
    options: [],
  },
  {
    name: "push-before-reply",
    description: "An unrelated push arrives between a request and its reply.",
    options: [
      {
        name: "same-id",
        description: "the push carries the id of the request",
        default: false,
      },
      ...reply(0),
    ],
  },
  {
    name: "late-reply",
    description: "A reply comes late; calls behind it are answered at once.",
    options: [ms("delay", "lateness", 1000), ...reply(0)],
  },
  {
    name: "reorder",
    description: "Every reply waits a random time, so replies overtake each other.",
    options: [ms("min", "shortest wait", 0), ms("max", "longest wait", 50), ...reply(0)],
  },
  {
    name: "drop-reply",
    description: "The call is carried out, its reply never leaves.",
    options: reply(0),
  },
  {
    name: "silent-events",
    description: "Attach succeeds, events are not delivered.",
    options: [times(0, "events")],
  },
  {
    name: "half-open",
    description: "Connections stay open, swallow everything and never say another byte.",
    options: [{
      name: "scope",
      description:
        "`all`: also connections made until it is cleared; `present`: only those open now",
      default: "all",
      choices: ["all", "present"],
    }],
  },
  {
    name: "reset-mid-frame",
    description: "The connection dies in the middle of a reply.",
    options: reply(1),
  },
  {
    name: "refuse-keepalive",
    description: "Keep-alives are answered with false; other calls still work.",
    options: [
      {
        name: "code",
        description: "error number; 0 = a false without an error",
        default: 287637505,
        min: 0,
        max: 4_294_967_295,
      },
      times(0, "keep-alives"),
    ],
  },
  {
    name: "session-expiry",
    description: "The device forgets sessions.",
    options: [
      {
        name: "after",
        description:
          "0: all sessions, now, once; otherwise a session once it has made this many calls",
        default: 0,
        min: 0,
        max: 1e9,
      },
      times(1, "sessions"),
    ],
  },
  {
    name: "locked-account",
    description: "All accounts are locked until the time is over or the fault is cleared.",
    options: [{
      name: "seconds",
      description: "duration of the lock, s",
      default: 300,
      min: 1,
      max: 86_400,
    }],
  },
  {
    name: "not-initialised",
    description: "The device is as it left the factory: nobody has set a password yet.",
    options: [],
  },
  {
    name: "session-table-full",
    description: "A right password is refused because no session is free.",
    options: [times(0, "logins")],
  },
  {
    name: "stale-config",
    description: "Configuration is accepted with a yes and not changed.",
    options: [times(0, "writes")],
  },
  {
    name: "clock-jump",
    description: "The device's date and time jump; clearing the fault takes the jump back.",
    options: [{
      name: "ms",
      description: "size and direction of the jump, ms",
      default: 3_600_000,
      min: -1e12,
      max: 1e12,
    }],
  },
  {
    name: "nul-terminated",
    description: "NUL bytes follow the JSON and count in its length.",
    options: [
      { name: "count", description: "NUL bytes", default: 2, min: 1, max: 64 },
      ...reply(0),
    ],
  },
  {
    name: "gbk-names",
    description: "Channels get Chinese names (they keep them) and replies are GBK, not UTF-8.",
    options: reply(0),
  },
  {
    name: "binary-in-message",
    description: "Binary follows the JSON and a newline inside the message length.",
    options: reply(0),
  },
  {
    name: "garbage",
    description: "Random bytes with a wrong magic stand in place of a reply.",
    options: reply(1),
  },
  {
    name: "oversize-length",
    description: "A header announces 0xFFFFFFFF bytes in place of a reply.",
    options: reply(1),
  },
  {
    name: "http-answer",
    description: "The port answers HTTP and closes.",
    options: [times(0, "connections")],
  },
  {
    name: "bad-json",
    description: "The body of a reply is cut-off JSON; the framing is right.",
    options: reply(1),
  },
  {
    name: "odd-discovery",
    description: "Answers to discovery have a wrong form; without options they come twice.",
    options: [
      { name: "copies", description: "how often each comes", default: 2, min: 1, max: 10 },
      ms("delay", "lateness", 0),
      {
        name: "deaf",
        description: "probes that are not heard before each that is",
        default: 0,
        min: 0,
        max: 1000,
      },
      { name: "nul", description: "NUL bytes at the end", default: false },
      {
        name: "mac",
        description: "where the MAC address stands: `outside` of deviceInfo, `inside`, or `empty`",
        default: "outside",
        choices: ["outside", "inside", "empty"],
      },
      { name: "no-address", description: "no IPv4Address", default: false },
      times(0, "probes"),
    ],
  },
  {
    name: "fragments-a",
    description: "Every reply comes in small fragments that share one body and the totals.",
    options: [size(64), ...reply(0)],
  },
  {
    name: "fragments-b",
    description: "Binary replies come as self-contained frames that count up the package index.",
    options: [size(1024), ...reply(0)],
  },
];
