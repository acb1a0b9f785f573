/**
 * What `dhip doctor` does.
 *
 * @module
 */

import { diagnose, type Diagnosis, makeBundle } from "../../camera/doctor/mod.ts";
import type { Context } from "../context.ts";
import { preparePasswords } from "../credentials.ts";
import { requireOwnPath, targetPath } from "../target_path.ts";
import { deviceId, type NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { writeUserFile } from "../user_file.ts";
import { VERSION } from "../version.ts";
import { checkTunnel } from "./tunnel_check.ts";
import { doctorVerdict, doctorView } from "./doctor_view.ts";

/** Options of `dhip doctor`. */
export interface DoctorCommandOptions {
  readonly noLogin: boolean;
  readonly httpsPort: number | undefined;
  readonly rtspPort: number | undefined;
  readonly netsdkPort: number | undefined;
  readonly bundle: string | undefined;
  readonly includeIdentity: boolean;
}

/**
 * Diagnoses every target, side by side.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_NO_PASSWORD`, `DHIP_FILE`, `DHIP_INTERRUPTED`, and
 *   `DHIP_CHECK_FAILED` when a single target has a problem
 */
export async function doctorTargets(
  context: Context,
  options: DoctorCommandOptions,
): Promise<number> {
  const { io, log, targets, config, connection } = context;
  const { noLogin, bundle, includeIdentity } = options;
  if (includeIdentity && bundle === undefined) {
    throw usageError("--include-identity is for --bundle");
  }
  if (bundle !== undefined) requireOwnPath("--bundle", bundle, targets.length);
  if (connection!.insecure && targets.length > 1) {
    throw usageError("--insecure is for a single target", "dhip trust pins certificates for good.");
  }
  const [single] = targets;
  if (targets.length === 1) await context.tunnels.check(single!);
  const passwordOf = noLogin ? undefined : await preparePasswords(targets, {
    io,
    log,
    options: connection!,
    defaults: config.defaults,
  });
  return await context.eachAddress(async (target) => {
    const password = await passwordOf?.(target);
    const diagnosis = await examineTarget(context, target, options, password);
    if (bundle !== undefined) {
      const { name, host, user } = target;
      const made = makeBundle(diagnosis, {
        made: new Date(io.now()),
        program: `dhip ${VERSION} (${io.platform})`,
        target: { name, host, user },
        identity: includeIdentity,
      });
      const path = targetPath(bundle, target);
      await writeUserFile(io, path, `${JSON.stringify(made, null, 2)}\n`, 0o600);
      log.notice(`${name}: wrote ${path}. ${made.about}`);
    }
    return diagnosis;
  }, { view: doctorView, verdict: doctorVerdict });
}

async function examineTarget(
  context: Context,
  target: NamedTarget,
  options: DoctorCommandOptions,
  password: string | undefined,
): Promise<Diagnosis> {
  const { log, signal, targets, io } = context;
  const { name, address, user } = target;
  const settings = context.connectionOf(target);
  const { dhipPort, httpPort, transport, tls, insecure, timeout, allowCleartextLogin } = settings;
  const { guard, pins } = await context.state();
  const where = targets.length === 1 ? "" : `${name}: `;
  const isTunnelled = address.serial !== undefined;
  log.step(`${name}: looking`);
  const way = isTunnelled ? await checkTunnel(context, target, password) : undefined;
  if (way !== undefined && way.dialer === undefined) {
    return { findings: way.findings, system: null, tables: {} };
  }
  const diagnosis = await diagnose(address, {
    dialer: way?.dialer,
    user,
    password,
    guard,
    pins,
    device: deviceId(target, dhipPort),
    ports: {
      dhip: dhipPort,
      // With --tls the HTTP port is that of HTTPS.
      http: tls ? undefined : httpPort,
      https: options.httpsPort ?? (tls ? httpPort : undefined),
      rtsp: options.rtspPort ?? rtspPortOf(target),
      netsdk: options.netsdkPort,
    },
    transport,
    tls,
    insecure,
    timeout,
    connectTimeout: timeout,
    allowCleartext: allowCleartextLogin,
    collect: options.bundle !== undefined,
    now: () => io.now(),
    signal,
    onNotice: (text) => log.notice(where + text),
    onTrace: log.tracing ? (line) => log.trace(where + line) : undefined,
  });
  return { ...diagnosis, findings: [...way?.findings ?? [], ...diagnosis.findings] };
}

function rtspPortOf({ device }: NamedTarget): number | undefined {
  const port = device?.settings.rtspPort;
  return typeof port === "number" ? port : undefined;
}
