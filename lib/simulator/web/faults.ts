/**
 * The faults of a device's web server. `method` is that of the call; for CGI, script and action:
 * `magicBox.getSystemInfo`.
 *
 * @module
 */

import { type FaultInfo, ms, reply, size, times } from "../fault_info.ts";

/** The faults. */
export const HTTP_FAULTS: readonly FaultInfo[] = [
  {
    name: "new-certificate",
    description: "New HTTPS connections are shown another certificate.",
    options: [],
  },
  {
    name: "tls-too-old",
    description: "HTTPS: every greeting is refused because of its TLS version.",
    options: [],
  },
  {
    name: "basic-only",
    description: "CGI asks for Basic, and takes nothing else.",
    options: [],
  },
  {
    name: "rpc2-disabled",
    description: "Web server: every RPC2 call but the login is answered with 301 to /.",
    options: [times(0, "calls")],
  },
  {
    name: "html-instead",
    description: "Web server: an HTML page with status 200 comes instead of the answer.",
    options: reply(0),
  },
  {
    name: "http-close",
    description: "Web server: an idle connection is closed just when its next request arrives.",
    options: [times(1, "connections")],
  },
  {
    name: "slow-body",
    description: "Web server: the body of an answer trickles.",
    options: [
      size(64, "bytes in one piece"),
      ms("pause", "wait before each piece", 100),
      ...reply(0),
    ],
  },
  {
    name: "truncated-body",
    description: "Web server: the connection ends before the announced length is reached.",
    options: reply(1),
  },
  {
    name: "huge-body",
    description: "Web server: the body of an answer goes on with spaces for a long time.",
    options: [
      { name: "size", description: "its size, bytes", default: 1 << 28, min: 1, max: 2 ** 40 },
      {
        name: "chunked",
        description: "sent in chunks, so that no length is announced",
        default: false,
      },
      ...reply(1),
    ],
  },
  {
    name: "chunked",
    description: "Web server: answers come in chunks of random sizes instead of with a length.",
    options: reply(0),
  },
  {
    name: "silent-stream",
    description: "Streams over HTTP stay open and nothing comes any more, heartbeats neither.",
    options: [times(0, "parts or pushes that are left out")],
  },
  {
    name: "odd-parts",
    description: "CGI: parts of an event stream have a wrong form; without options no length.",
    options: [
      {
        name: "length",
        description: "Content-Length: `right`, `missing`, `large` by the line end, or too `small`",
        default: "missing",
        choices: ["right", "missing", "large", "small"],
      },
      ms("hold", "events of this time share a part; 0 = each has its own", 0),
      { name: "empty", description: "an empty part before each", default: false },
      { name: "second-head", description: "an HTTP head before each part", default: false },
      { name: "lower", description: "field names and code= in lower case", default: false },
      { name: "one-line", description: "the data of an event on one line", default: false },
      { name: "line-feeds", description: "line feeds alone end the lines", default: false },
      times(0, "parts"),
    ],
  },
  {
    name: "snapshot-busy",
    description: "The script snapshot.cgi says that it is busy.",
    options: [
      {
        name: "how",
        description: "`503`, or `error`: a text with status 200",
        default: "503",
        choices: ["503", "error"],
      },
      times(1, "pictures"),
    ],
  },
  {
    name: "truncated-picture",
    description: "Pictures are cut off in the middle; their announced length is that of the rest.",
    options: [times(1, "pictures")],
  },
  {
    name: "stale-cgi",
    description: "CGI reads the configuration as it was when the fault began.",
    options: [],
  },
];
