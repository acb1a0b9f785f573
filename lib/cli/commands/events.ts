import { CHANNEL_SPEC } from "../channel_spec.ts";
import { command } from "../spec.ts";
import { SINK_OPTIONS } from "../events/sink_options.ts";
import { codes, kinds } from "../events/values.ts";
import { until } from "../until.ts";
import { duration, integer, oneOf } from "../values.ts";

export default command({
  targets: "many",
  description:
    "Prints what happens at the devices, as it happens: one JSON object a line, or a line for " +
    "people on a terminal. A broken link is replaced for ever; every time in which events may " +
    "have been missed is printed as a record with the code _gap, followed by what is under way " +
    "now (_resync). Ctrl-C ends it with exit code 0.",
  arguments: {},
  options: {
    code: { value: "CODE,...", type: codes, many: true, summary: "Only these codes; see below" },
    kind: { value: "KIND,...", type: kinds, many: true, summary: "Only these kinds; see below" },
    channel: {
      ...CHANNEL_SPEC,
      many: true,
      summary: "Only this channel: by number, the first is 1, or by name; may be repeated",
    },
    until: { value: "TIME", type: until, summary: "End at 18:30, 2026-01-31T18:30 or after 10m" },
    maxEvents: { value: "N", type: integer(1), summary: "End after this many events" },
    dedup: { summary: "Leave out events that only repeat what was told" },
    backfill: { summary: "Fill gaps from the device's log" },
    via: {
      value: "WAY",
      type: oneOf("auto", "dhip", "cgi", "rpc"),
      default: "auto",
      summary: "dhip (pushes), cgi (web API) or rpc (pushes over HTTP); auto: what works",
    },
    heartbeat: {
      value: "SECONDS",
      type: duration,
      otherwise: "5 s",
      summary: "Time between heartbeats of cgi, 1 to 60; two without a byte end the link",
    },
    maxAge: {
      value: "TIME",
      type: duration,
      otherwise: "30m",
      summary: "Attach anew at this age, for devices that fall silent",
    },
    noReconnect: { summary: "End at the first failure" },
    raw: { summary: "Print events as the devices sent them" },
    ...SINK_OPTIONS,
  },
  examples: [
    { does: "Everything that happens at two cameras", line: "dhip events 192.0.2.7 192.0.2.8" },
    {
      does: "The next motion on channel 3 of a recorder",
      line: "dhip events 192.0.2.9 --kind motion --channel 3 --max-events 1",
    },
    {
      does: "Humans that cross a line, until the evening, into a file",
      line: "dhip events 192.0.2.7 --code CrossLineDetection --until 18:00 -o ndjson > line.ndjson",
    },
    {
      does: "A command for each door call",
      line: "dhip events 192.0.2.7 --kind call --exec ./ring-the-bell.sh",
    },
    {
      does: "Everything to a home automation, signed",
      line: "dhip events @hall --post https://home.example/hook --post-secret-file hook.secret",
    },
  ],
  async details() {
    const { EVENT_CODES } = await import("../../camera/events/codes.ts");
    const { EVENT_KINDS } = await import("../../camera/events/event.ts");
    return [
      { title: "Kinds", rows: [["--kind", EVENT_KINDS.join(", ")]] },
      {
        title: "Codes; others are passed on unchanged, as kind other",
        rows: Object.entries(EVENT_CODES).map(([code, { description, kind, unverified }]) =>
          [code, `${kind}: ${description}${unverified ? " (unverified)" : ""}`] as const
        ),
      },
    ];
  },
  async run(context, _args, options) {
    const { eventPrinter, pythonPrinter } = await import("../events/printer.ts");
    const { watchDevices } = await import("../events/watch_work.ts");
    const { code, kind, channel, via, until, maxEvents, noReconnect, raw, ...rest } = options;
    const { dedup, backfill, heartbeat, maxAge } = rest;
    const wishes = {
      codes: code.flat(),
      kinds: kind.flat(),
      channels: channel,
      via,
      dedup,
      backfill,
      heartbeat,
      maxAge,
      reconnect: !noReconnect,
    };
    if (context.python) {
      const { pythonList } = await import("../python_shapes.ts");
      const names = code.flat().length === 0 ? ["All"] : code.flat();
      context.log.notice(`[+] listening for events ${pythonList(names)} (Ctrl-C to stop)`);
    }
    const { openSinks } = await import("../events/sinks.ts");
    const sinks = await openSinks(context, options);
    const printer = context.python ? pythonPrinter(context) : eventPrinter(context, raw, sinks);
    // Pushes of a kind come over a session of that kind.
    const transport = via === "rpc" ? "http" : via === "dhip" ? "dhip" : undefined;
    const around: typeof context = transport === undefined ? context : {
      ...context,
      connectionOf: (target) => ({ ...context.connectionOf(target), transport }),
    };
    try {
      return await watchDevices(around, wishes, printer, { until, most: maxEvents });
    } finally {
      await Promise.all(sinks.map((sink) => sink.close()));
    }
  },
});
