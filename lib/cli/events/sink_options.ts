/**
 * The options that send records of `dhip events` elsewhere.
 *
 * @module
 */

import type { OptionSpecs } from "../option_spec.ts";
import { duration, type ValueType } from "../values.ts";

/** A URL to send to. A password does not belong there: everybody sees it. */
const webhookUrl: ValueType<URL> = {
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
    if (isHttp && url.username === "" && url.password === "") return url;
    throw new SyntaxError("a URL that begins with https:// or http://, without user and password");
  },
};

/** The options. */
export const SINK_OPTIONS = {
  exec: {
    value: "COMMAND",
    summary: "Run a command for each record, which it gets as JSON on standard input; one at a " +
      "time, and a slow one does not hold the stream up",
  },
  execTimeout: {
    value: "TIME",
    type: duration,
    otherwise: "60 s",
    summary: "End a command that takes longer",
  },
  post: {
    value: "URL",
    type: webhookUrl,
    env: "DHIP_POST_URL",
    summary: "Send each record to a URL; what cannot be delivered waits on disk, 10000 at most",
  },
  postSecretFile: {
    value: "FILE",
    offers: "file",
    otherwise: "DHIP_POST_SECRET",
    summary: "Secret that signs what is sent, as standardwebhooks.com has it (HMAC-SHA256)",
  },
} as const satisfies OptionSpecs;
