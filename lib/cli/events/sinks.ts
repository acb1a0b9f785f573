/**
 * Where the records of `dhip events` go besides standard output, as the options say.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { DhipError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { stateFolder } from "../folders.ts";
import type { OptionValues } from "../option_spec.ts";
import { passwordFile } from "../password_source.ts";
import { usageError } from "../usage.ts";
import type { EventSink } from "./sink.ts";
import type { SINK_OPTIONS } from "./sink_options.ts";

/** Records that wait for a slow command. */
const MOST_WAITING = 1_000;
/** Records that wait on disk. */
const MOST_SPOOLED = 10_000;
/** Limits of a request, and of what is left at the end, in milliseconds. */
const POST_TIMEOUT = 10_000;
const POST_PATIENCE = 5_000;

/**
 * Opens the sinks.
 *
 * @throws {DhipError} `DHIP_USAGE` for a secret that is none or goes nowhere, `DHIP_FILE`
 */
export async function openSinks(
  context: Context,
  { exec, execTimeout = 60_000, post, postSecretFile }: OptionValues<typeof SINK_OPTIONS>,
): Promise<EventSink[]> {
  const { io, log } = context;
  const sinks: EventSink[] = [];
  if (postSecretFile !== undefined && post === undefined) {
    throw usageError("--post-secret-file needs --post");
  }
  if (exec !== undefined) {
    const { ExecSink } = await import("./exec_sink.ts");
    sinks.push(
      new ExecSink({
        command: exec,
        timeout: execTimeout,
        limit: MOST_WAITING,
        run: io.run,
        log,
        interrupt: io.interrupt,
      }),
    );
  }
  if (post !== undefined) {
    const { PostSink } = await import("./post_sink.ts");
    const { Spool } = await import("./spool.ts");
    sinks.push(
      new PostSink({
        url: post,
        key: await keyFor(context, postSecretFile),
        spool: await Spool.open(spoolFolder(io.env, post), MOST_SPOOLED, io.now),
        timeout: POST_TIMEOUT,
        patience: POST_PATIENCE,
        log,
        interrupt: io.interrupt,
        now: io.now,
        fetch,
      }),
    );
  }
  return sinks;
}

async function keyFor(
  { io, log }: Context,
  file: string | undefined,
): Promise<Uint8Array | undefined> {
  const { keyOf } = await import("./webhook.ts");
  const reader = { io, tell: (text: string) => log.notice(text) };
  const secret = file === undefined
    ? io.env("DHIP_POST_SECRET")
    : await passwordFile(reader, file, "The file of the webhook secret");
  if (secret === undefined || secret === "") {
    log.notice(
      "--post: the records go unsigned; DHIP_POST_SECRET or --post-secret-file signs them",
    );
    return undefined;
  }
  try {
    return keyOf(secret);
  } catch (error) {
    throw usageError(`The webhook secret must be ${(error as Error).message}`);
  }
}

/** One folder for each URL. Its name tells nothing: URLs of webhooks are secrets, mostly. */
function spoolFolder(env: (name: string) => string | undefined, url: URL): string {
  const state = stateFolder(env);
  if (state === undefined) {
    throw new DhipError("DHIP_FILE", "--post: there is no folder for what cannot be delivered", {
      hint: "Set HOME or XDG_STATE_HOME.",
    });
  }
  return join(state, "post", createHash("sha256").update(url.href).digest("hex").slice(0, 16));
}
