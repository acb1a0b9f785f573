/**
 * Lines in the form of python-dhip, translated into native ones. Pure: words in, words out.
 *
 * `HOST [-p PORT] [-u USER] [-P PASSWORD] [-m METHOD] [--params JSON] [-v] [SUBCOMMAND ...]`
 *
 * @module
 */

import { maskSecrets } from "../camera/config_secrets.ts";
import { argparse, type ArgparseOption, type ArgparseResult } from "./argparse.ts";
import { PTZ_OPTIONS, translatePtz } from "./ptz/python.ts";
import { firstWords } from "./registry.ts";
import { shellQuote } from "./text.ts";
import { nearest, unknownCommand, usageError, type Words } from "./usage.ts";

/** A line of python-dhip in native words. */
export interface Translation {
  /** Native words, the command first. Holds no password. */
  readonly argv: readonly string[];
  /** The password of `-P`; undefined when there was none. */
  readonly password: string | undefined;
}

type Values = ArgparseResult["values"];

const HELP: ArgparseOption = { key: "help", names: ["-h", "--help"], kind: "flag" };

const MAIN: readonly ArgparseOption[] = [
  HELP,
  { key: "port", names: ["-p", "--port"], kind: "integer" },
  { key: "user", names: ["-u", "--user"], kind: "text" },
  { key: "password", names: ["-P", "--password"], kind: "text" },
  { key: "method", names: ["-m", "--method"], kind: "text" },
  { key: "params", names: ["--params"], kind: "text" },
  { key: "verbose", names: ["-v", "--verbose"], kind: "flag" },
  // Ours, because secrets and time limits are.
  { key: "trace", names: ["-vv"], kind: "flag", exact: true },
  { key: "passwordStdin", names: ["--password-stdin"], kind: "flag", exact: true },
  { key: "timeout", names: ["--timeout"], kind: "text", exact: true },
  { key: "output", names: ["-o", "--output"], kind: "text", exact: true },
  { key: "quiet", names: ["-q", "--quiet"], kind: "flag", exact: true },
  { key: "logJson", names: ["--log-json"], kind: "flag", exact: true },
  { key: "config", names: ["--config"], kind: "text", exact: true },
  { key: "cleartext", names: ["--allow-cleartext-login"], kind: "flag", exact: true },
];

/** A native command without the options of {@linkcode MAIN}. */
interface Native {
  readonly command: string;
  /** Arguments behind the target. */
  readonly args?: readonly string[];
  readonly options?: readonly string[];
  /** It works on no device: the host and all that belongs to a login are left out. */
  readonly hostless?: true;
}

/** A subcommand of python-dhip. */
interface Subcommand {
  readonly options: readonly ArgparseOption[];
  /** Names of its positional arguments; those in brackets may be missing. */
  readonly positionals: readonly string[];
  /** Native command or group that explains it, when that has another name. */
  readonly help?: string;
  /** The native command. */
  translate(values: Values, positionals: readonly string[]): Native;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  info: { options: [], positionals: [], translate: () => ({ command: "info" }) },
  call: {
    options: [{ key: "params", names: ["--params"], kind: "text" }],
    positionals: ["METHOD"],
    translate: ({ params }, [method]) => rawCall(method!, params),
  },
  files: {
    options: [{ key: "channel", names: ["--channel"], kind: "integer" }],
    positionals: ["START", "END"],
    translate({ channel = "0" }, [start, end]) {
      const options = [`--from=${start}`, `--to=${end}`, `--channel=${Number(channel) + 1}`];
      return { command: "files", options }; // its first channel is 0
    },
  },
  config: {
    options: [{ key: "set", names: ["--set"], kind: "text" }],
    positionals: ["NAME"],
    translate({ set }, [name]) {
      // python-dhip prints the table as it is, and writes a whole one.
      if (typeof set !== "string") {
        return { command: "config get", args: [name!], options: ["--secrets"] };
      }
      return rawCall("configManager.setConfig", JSON.stringify({ name, table: readTable(set) }));
    },
  },
  events: {
    options: [{ key: "codes", names: ["--codes"], kind: "words" }],
    positionals: [],
    translate: ({ codes }) => ({
      command: "events",
      options: codes ? [`--code=${codes}`] : [],
    }),
  },
  snapshot: {
    options: [{ key: "channel", names: ["--channel"], kind: "integer" }],
    positionals: ["[OUT]"],
    translate({ channel = "0" }, [out = "snapshot.jpg"]) {
      // The number goes to the web API as it is; a file is named as it stands here.
      const base = ["--snapshot-channel-base=0", `--channel=${Number(channel) + 1}`];
      const name = out === "-" ? "./-" : out.replaceAll("%", "%%");
      return { command: "snapshot", args: [name], options: ["--via=cgi", ...base] };
    },
  },
  rtsp: {
    help: "record",
    options: [
      { key: "channel", names: ["--channel"], kind: "integer" },
      { key: "subtype", names: ["--subtype"], kind: "integer" },
      { key: "duration", names: ["--duration"], kind: "number" },
      { key: "template", names: ["--template"], kind: "text" },
    ],
    positionals: ["[OUT]"],
    translate({ channel = "1", subtype = "0", duration = "10", template }, [out = "rtsp.mp4"]) {
      const choice = [`--channel=${channel}`, `--subtype=${subtype}`, `--duration=${duration}`];
      const path = template === undefined ? [] : [`--template=${template}`];
      // ffmpeg there replaced what was in the way; a file is named as it stands here.
      const name = out === "-" ? "./-" : out.replaceAll("%", "%%");
      return { command: "record", args: [name], options: ["--force", ...choice, ...path] };
    },
  },
  ptz: {
    options: PTZ_OPTIONS,
    positionals: ["ACTION", "[VALUE]"],
    translate: (values, [action, value]) => translatePtz(values, action!, value),
  },
  discover: {
    options: [{ key: "timeout", names: ["--timeout"], kind: "number" }],
    positionals: [],
    translate: ({ timeout }) => ({
      command: "discover",
      hostless: true,
      options: typeof timeout === "string" ? [`--timeout=${timeout}`] : [],
    }),
  },
  title: {
    help: "overlay title",
    options: [{ key: "channel", names: ["--channel"], kind: "integer" }],
    positionals: ["[TEXT]"],
    translate({ channel = "0" }, [text]) {
      if (Number(channel) < 0) throw usageError("--channel must be 0 or more");
      // Without a text python-dhip shows all titles, whatever the channel.
      if (text === undefined) return { command: "overlay title" };
      const options = [`--channel=${Number(channel) + 1}`];
      return { command: "overlay title", args: [text], options };
    },
  },
  stream: {
    options: [
      { key: "channel", names: ["--channel"], kind: "integer" },
      { key: "subtype", names: ["--subtype"], kind: "integer" },
      { key: "duration", names: ["--duration"], kind: "number" },
      { key: "httpPort", names: ["--http-port"], kind: "integer" },
    ],
    positionals: ["[OUT]"],
    translate(values, [out = "stream.dhav"]) {
      const { channel = "0", subtype = "0", duration = "10", httpPort = "80" } = values;
      if (Number(channel) < 0) throw usageError("--channel must be 0 or more");
      // Whatever the name, python-dhip writes the bytes as they come, over a file that is there.
      const options = [
        `--channel=${Number(channel) + 1}`,
        `--subtype=${subtype}`,
        `--duration=${duration}`,
        `--http-port=${httpPort}`,
        "--format=dhav",
        "--force",
      ];
      return { command: "stream", args: [out === "-" ? "./-" : out], options };
    },
  },
  users: {
    help: "user list",
    options: [],
    positionals: [],
    translate: () => ({ command: "user list" }),
  },
};

function readTable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError("The value of --set is not JSON"); // it may hold a secret, so it stays unsaid
  }
}

/** python-dhip sends `{}` where there are no parameters, and prints the whole reply. */
function rawCall(method: string, params: string | true | undefined): Native {
  const json = typeof params === "string" ? params : "{}";
  return { command: "call", args: [method], options: [`--params=${json}`, "--envelope"] };
}

/**
 * Translates a line.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function translatePython(argv: readonly string[], words: Words): Translation {
  const main = argparse(argv, 0, MAIN, 2, words);
  const [host, name] = main.positionals;
  if (main.values.help) {
    if (host !== undefined && !words.secret) refuseMistyped(host.text, name?.text);
    return { argv: ["help"], password: undefined };
  }
  if (host === undefined) throw usageError("A host is missing");
  if (name === undefined) return withoutSubcommand(main, host, words);
  const subcommand = subcommandOf(host, name, words);
  if (main.values.method !== undefined || main.values.params !== undefined) {
    throw usageError(
      "-m and --params do not go with a subcommand",
      "python-dhip ignores them there; write: call METHOD --params JSON",
    );
  }
  const own = subcommand.options.map(({ key }) => key);
  const inherited = MAIN.filter(({ key }) =>
    !own.includes(key) && key !== "method" && key !== "params"
  )
    .map((option) => ({ ...option, exact: true as const }));
  const options = [...subcommand.options, ...inherited];
  const rest = argparse(argv, main.end, options, Infinity, words);
  if (rest.values.help) {
    return { argv: ["help", ...(subcommand.help ?? name.text).split(" ")], password: undefined };
  }
  const [missing] = subcommand.positionals.slice(rest.positionals.length)
    .filter((positional) => !positional.startsWith("["));
  if (missing !== undefined) throw usageError(`${missing} is missing`);
  const extra = rest.positionals[subcommand.positionals.length];
  if (extra !== undefined) throw usageError(`Unexpected argument: ${words.show(extra.index)}`);
  const command = subcommand.translate(rest.values, rest.positionals.map(({ text }) => text));
  return translation(command, host.text, { ...main.values, ...pick(rest.values, inherited) });
}

type Word = ArgparseResult["positionals"][number];

function withoutSubcommand(main: ArgparseResult, host: Word, words: Words): Translation {
  const { method, params } = main.values;
  if (typeof method === "string") {
    return translation(rawCall(method, params), host.text, main.values);
  }
  if (!words.secret) refuseMistyped(host.text, undefined);
  throw usageError("Nothing to do: no command was given", "For example: dhip info HOST");
}

function subcommandOf(host: Word, name: Word, words: Words): Subcommand {
  const subcommand = Object.hasOwn(SUBCOMMANDS, name.text) ? SUBCOMMANDS[name.text] : undefined;
  if (subcommand !== undefined) return subcommand;
  if (firstWords().includes(name.text)) {
    throw usageError(
      `"${name.text}" is no command of python-dhip's form`,
      `Put the command first: dhip ${name.text} HOST`,
    );
  }
  if (words.secret) {
    throw usageError(
      `Unknown command: argument ${name.index + 1}`,
      "Put quotes around a password with spaces. dhip --help lists the commands.",
    );
  }
  refuseMistyped(host.text, name.text);
  const near = nearest(name.text, Object.keys(SUBCOMMANDS));
  throw usageError(
    `Unknown command: ${words.show(name.index)}`,
    near === undefined ? "dhip --help lists the commands." : `Did you mean ${near}?`,
  );
}

/** What looks like a mistyped native command is no host: `inof 192.0.2.7`, or one bare word. */
function refuseMistyped(host: string, next: string | undefined): void {
  const names = firstWords();
  const isWord = (text: string) => /^[a-z-]+$/i.test(text) && text !== "localhost";
  const alone = isWord(host) && (next === undefined || !isWord(next));
  if (alone || nearest(host, names) !== undefined) throw unknownCommand(host, names);
}

function translation(native: Native, host: string, values: Values): Translation {
  const { port, user, password, verbose, trace, passwordStdin, timeout, quiet, logJson } = values;
  const { output, config } = values;
  const login = !native.hostless;
  const options = [
    ...(login && typeof port === "string" ? [`--dhip-port=${port}`] : []),
    ...(login && typeof user === "string" ? [`--user=${user}`] : []),
    ...(typeof timeout === "string" ? [`--timeout=${timeout}`] : []),
    ...(login && passwordStdin ? ["--password-stdin"] : []),
    ...(login && values.cleartext ? ["--allow-cleartext-login"] : []),
    ...(trace ? ["-vv"] : verbose ? ["-v"] : []),
    ...(typeof output === "string" ? [`--output=${output}`] : []),
    ...(quiet ? ["--quiet"] : []),
    ...(logJson ? ["--log-json"] : []),
    ...(typeof config === "string" ? [`--config=${config}`] : []),
    ...(native.options ?? []),
  ];
  const args = [...(login ? [bracketed(host)] : []), ...(native.args ?? [])];
  const dashed = args.some((text) => text.startsWith("-"));
  const command = native.command.split(" ");
  return {
    argv: dashed ? [...command, ...options, "--", ...args] : [...command, ...args, ...options],
    password: typeof password === "string" ? password : undefined,
  };
}

/** python-dhip takes a bare IPv6 address; ours stands in brackets. */
function bracketed(host: string): string {
  return /^[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?$/i.test(host) ? `[${host}]` : host;
}

function pick(values: Values, options: readonly ArgparseOption[]): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => options.some((option) => option.key === key)),
  );
}

/** The native line to show, without parameters that may hold a secret. */
export function nativeLine({ argv }: Translation): string {
  const shown = argv.map((word) => {
    const [, name, value] = /^(--[\w-]+=)(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) return shellQuote(word);
    return name + (name === "--params=" && !mayShowParams(value) ? "..." : shellQuote(value));
  });
  return ["dhip", ...shown].join(" ");
}

/** What is no JSON may be anything, a misplaced password too. */
function mayShowParams(text: string): boolean {
  try {
    const params = JSON.parse(text);
    const hasSecret = JSON.stringify(maskSecrets(params)) !== JSON.stringify(params);
    return !hasSecret && !/pass|pwd|secret|token|key/i.test(text);
  } catch {
    return false;
  }
}
