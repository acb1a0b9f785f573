/**
 * What concerns many commands: `dhip help TOPIC`. What the code knows already (exit codes, error
 * codes, options, config keys) is taken from there.
 *
 * @module
 */

import { ERROR_CODES, EXIT_CODES } from "../../errors.ts";
import { CONNECTION, DEVICE_ONLY, GENERAL } from "../global_options.ts";
import { configName, longName, type OptionSpecs } from "../option_spec.ts";
import type { CommandEntry, Example, HelpSection } from "../spec.ts";

type Rows = HelpSection["rows"];

/** A topic. No command and no group has its name. */
export interface Topic {
  readonly name: string;
  /** One line for the list of topics. */
  readonly summary: string;
  /** A paragraph. */
  readonly description: string;
  /** Its sections, where all commands are these. */
  sections(commands: readonly CommandEntry[]): HelpSection[] | Promise<HelpSection[]>;
  readonly examples?: readonly Example[];
}

/** How a device is named. */
export const TARGETS: Rows = [
  ["HOST, HOST:PORT", "Name or IPv4 address"],
  ["[IPV6]:PORT", "IPv6 address"],
  ["sn:SERIAL", "Serial number: through a P2P tunnel, wherever the device is"],
  ["dhip://USER@HOST:PORT", "With a user of its own"],
  ["NAME, @TAG", "Devices of the config file; dhip devices add makes them"],
  ["A,B,C", "Several; -t TARGET may be repeated too"],
];

/** Where a password may come from. */
export const CREDENTIALS: Rows = [
  ["-P PASSWORD", "Works, but every user of this computer can see it"],
  ["--password-stdin", "First line of standard input"],
  ["a device's entry", "password_command, password_file or password in the config file"],
  ["DHIP_PASSWORD_FILE", "First line of a file that only you can read"],
  ["DHIP_PASSWORD", "Environment variable; the empty password counts too"],
  ["[defaults]", "The same three keys, in the config file"],
  ["prompt", "Asked for on a terminal when nothing else gives it"],
];

/** How channels are counted; part of the help of `dhip channels`. */
export const CHANNELS: HelpSection = {
  title: "Channel numbers",
  text: "A channel is a picture of a device: a camera has one or two, a recorder as many as it " +
    "has places for cameras.",
  rows: [
    ["1, 2, ...", "Numbers begin with 1, in every option, result and file name"],
    ["NAME", "The name of a channel works wherever an option takes one channel"],
    ["0", "A usage error: the devices' own protocol counts from 0, and this does not"],
    ["dhip call", "Sends parameters as they are, so there channels are the device's, from 0"],
    ["HOST -m METHOD", "Lines in python-dhip's form keep the numbers of that tool"],
  ],
};

/** What the process ends with. */
export function exitCodes(): HelpSection {
  return { title: "Exit codes", rows: Object.entries(EXIT_CODES) };
}

/** The topics, in the order of the help. */
export const TOPICS: readonly Topic[] = [
  {
    name: "targets",
    summary: "How devices are named on the command line",
    description: "Where a command says TARGET it takes any of these. With several, the work is " +
      "done side by side, each device has its own result or error, and a file name needs {host} " +
      "or {name} in it.",
    sections: () => [
      { title: "Targets", rows: TARGETS },
      {
        title: "Ports",
        text: "A port in the target is that of DHIP. The others are options, or keys of the " +
          "device's entry in the config file.",
        rows: pick(CONNECTION, "dhipPort", "httpPort", "transport", "tls"),
      },
    ],
    examples: [
      { does: "One device", line: "dhip info 192.0.2.7" },
      { does: "All that have a tag", line: "dhip info @hall" },
      { does: "Several, another port", line: "dhip info 192.0.2.7,192.0.2.8:5001" },
    ],
  },
  {
    name: "credentials",
    summary: "Where user and password come from, and what happens when they are refused",
    description: "The first of these that gives a password is used. A device with a password of " +
      "its own gets that one and no other when there are several targets. No password is ever " +
      "part of output, logs, errors, URLs or other programs' arguments.",
    sections: () => [
      { title: "Passwords", rows: CREDENTIALS },
      {
        title: "Users",
        text: "dhip://USER@HOST, -u USER, the device's entry, DHIP_USER, [defaults] of the " +
          "config file, admin: in this order.",
        rows: [],
      },
      {
        title: "Refused passwords",
        text: "A password that a device refused is remembered, as a salted hash, and not sent " +
          "there again for 30 minutes or as long as the device said: cameras lock accounts " +
          "after a few. A run that would send it ends with DHIP_AUTH_GUARDED. Another password " +
          "is tried at once; dhip unlock TARGET forgets what was refused.",
        rows: [],
      },
    ],
    examples: [
      {
        does: "For cron: a file that only you can read",
        line: "DHIP_PASSWORD_FILE=camera.pass dhip info 192.0.2.7",
      },
      {
        does: "From a password manager",
        line: "pass show cameras/front | dhip info 192.0.2.7 --password-stdin",
      },
    ],
  },
  {
    name: "exit-codes",
    summary: "What the process ends with",
    description: "Commands without an end of their own (events, simulate, record without a " +
      "limit) end with 0 on Ctrl-C when their output is complete. With --nagios the codes are " +
      "0, 1, 2 and 3 as monitoring systems know them.",
    sections: () => [exitCodes(), {
      title: "By error code",
      rows: Object.keys(EXIT_CODES).flatMap((exit) => {
        const codes = Object.entries(ERROR_CODES).filter(([, info]) => info.exit === Number(exit));
        return codes.length === 0 ? [] : [[exit, codes.map(([code]) => code).join(", ")] as const];
      }),
    }],
  },
  {
    name: "error-codes",
    summary: "What can go wrong, by the code in JSON errors",
    description: "With -o json and ndjson an error is one line of JSON on standard error: " +
      '{"error":{"code","message","retryable","host","hint"}}. The codes are stable.',
    sections: () => [{
      title: "Error codes",
      rows: Object.entries(ERROR_CODES).map(([code, { meaning, retryable, exit }]) => [
        code,
        `${meaning} (exit code ${exit}${retryable ? "; may work when tried again" : ""})`,
      ]),
    }],
  },
  {
    name: "environment",
    summary: "The variables that count",
    description: "An option on the line goes before its variable, and a variable before the " +
      "config file.",
    sections: async (commands) => [
      { title: "In place of options", rows: await optionVariables(commands) },
      { title: "Others", rows: VARIABLES },
    ],
  },
  {
    name: "config-file",
    summary: "The keys of config.toml, and where files are",
    description: "$XDG_CONFIG_HOME/dhip/config.toml, usually ~/.config/dhip/config.toml; " +
      "DHIP_CONFIG and --config name another. It is TOML: a section [defaults], and one " +
      "[devices.NAME] for each device. A file that holds a password must be readable by you " +
      "alone.",
    sections: () => [
      { title: "Keys of a device", rows: [...DEVICE_KEYS, ...configKeys("device")] },
      {
        title: "Keys of [defaults]",
        text: "user and the keys of passwords and settings as for a device, and:",
        rows: configKeys("defaults"),
      },
      {
        title: "Keys of [cloud]",
        text: "The P2P cloud for sn:SERIAL. --cloud NAME takes [cloud.NAME] instead.",
        rows: CLOUD_KEYS,
      },
      {
        title: "What is remembered",
        text: "$XDG_STATE_HOME/dhip, usually ~/.local/state/dhip, in files that only you can read:",
        rows: [
          ["logins/", "Refused logins, one file for each device and user"],
          ["pins.json", "TLS certificates, as they were first seen or accepted"],
        ],
      },
    ],
    examples: [
      { does: "An entry, made by the tool", line: "dhip devices add front 192.0.2.7 --tag hall" },
    ],
  },
  {
    name: "times",
    summary: "How points in time and lengths of time are written",
    description: "Points in time are by the clock of the device, not of this computer.",
    sections: () => [
      {
        title: "Points in time",
        rows: [
          ["2026-04-29 09:55", "That minute; seconds may follow"],
          ["2026-04-29", "The whole day: its first moment as a start, its last as an end"],
          ["09:55", "Today"],
          ["today, yesterday", "The whole day; a time may follow: 'yesterday 22:00'"],
          ["now", "This moment"],
          ["-2h, '2h ago'", "So long before now: s, m, h, d or w"],
        ],
      },
      {
        title: "Lengths of time",
        rows: [
          ["10, 1.5", "Seconds"],
          ["500ms, 90s, 2m, 1h", "With their unit"],
        ],
      },
    ],
    examples: [
      {
        does: "What was recorded since yesterday evening",
        line: "dhip files 192.0.2.7 --from 'yesterday 18:00' --to now",
      },
    ],
  },
];

const VARIABLES: Rows = [
  ["DHIP_PASSWORD", "The password"],
  ["DHIP_PASSWORD_FILE", "A file whose first line is the password"],
  ["DHIP_USER", "The user, instead of admin"],
  ["DHIP_POST_SECRET", "The secret that signs what dhip events --post sends"],
  ["DHIP_CLOUD_HOST", "The P2P cloud for sn:SERIAL; it and the next go before [cloud]"],
  ["DHIP_CLOUD_PORT", "Its UDP port"],
  ["DHIP_CLOUD_USER", "The name that programs have there"],
  ["DHIP_CLOUD_KEY", "The key that goes with the name"],
  ["DHIP_CLOUD_KEY_FILE", "A file whose first line is the key"],
  ["DHIP_CLOUD_DIALECT", "dh or nf: which of its two languages it speaks"],
  ["DHIP_CACHE", "Where the portable file unpacks itself"],
  ["NO_COLOR", "No colours"],
  ["XDG_CONFIG_HOME", "Folder of the config file's folder, instead of ~/.config"],
  ["XDG_STATE_HOME", "Folder of what is remembered, instead of ~/.local/state"],
];

const CLOUD_KEYS: Rows = [
  ["host", "Name or address"],
  ["port", "UDP port"],
  ["username", "The name that programs have there"],
  ["key_command", "Its output is the key that goes with the name"],
  ["key_file", "Its first line is the key"],
  ["key", "The key itself"],
  ["dialect", "dh or nf: which of its two languages it speaks"],
];

const DEVICE_KEYS: Rows = [
  ["host", "HOST, HOST:PORT or [IPV6]:PORT"],
  ["serial", "Serial number, instead of host: the device is reached as sn:SERIAL"],
  ["user", "User name"],
  ["password_command", "Its output is the password: a shell line, or a list of words"],
  ["password_file", "Its first line is the password"],
  ["password", "The password itself"],
  ["tags", "A list; @TAG then means all devices that have it"],
];

/** Rows of options by their keys. */
function pick<S extends OptionSpecs>(specs: S, ...keys: (keyof S & string)[]): Rows {
  return keys.map((key) => [`--${longName(key)}`, specs[key]!.summary]);
}

function configKeys(section: "device" | "defaults"): Rows {
  return Object.entries<OptionSpecs[string]>({ ...DEVICE_ONLY, ...CONNECTION, ...GENERAL })
    .filter(([, { config }]) => config === section)
    .map(([key, { summary }]) => [configName(key), summary]);
}

/** Variables that stand for options, each once, whichever commands have it. */
async function optionVariables(commands: readonly CommandEntry[]): Promise<Rows> {
  const rows = new Map<string, string>();
  const add = (specs: OptionSpecs) => {
    for (const [key, { env, summary }] of Object.entries(specs)) {
      if (env !== undefined && !rows.has(env)) rows.set(env, `--${longName(key)}: ${summary}`);
    }
  };
  add({ ...CONNECTION, ...GENERAL });
  for (const { load } of commands) add((await load()).default.options);
  return [...rows];
}
