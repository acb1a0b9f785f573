/**
 * Which way to a device's web API.
 *
 * @module
 */

import { CgiClient } from "../dhip/cgi_client.ts";
import type { Credentials } from "../dhip/login.ts";
import type { Dialer } from "../net/stream.ts";
import { encrypted } from "./encrypt.ts";
import type { TransportOptions } from "./open_session.ts";

/**
 * A client of the web API, on the HTTP port that the options say. A port that the target names is
 * that of the transport in use, so it counts here only when that is HTTP.
 */
export function openWebApi(
  dialer: Dialer,
  namedPort: number | undefined,
  credentials: Credentials,
  options: TransportOptions & { readonly device: string },
): CgiClient {
  const { transport = "auto", tls = false, httpPort, allowPlain, allowCleartext } = options;
  const { guard, device, clock, timeout, connectTimeout, onNotice, onTrace } = options;
  const overHttp = transport === "http" || tls;
  return new CgiClient(tls ? encrypted(dialer, options) : dialer, {
    ...credentials,
    port: (overHttp ? namedPort : undefined) ?? httpPort,
    encrypt: (plain) => encrypted(plain, options),
    plain: tls && allowPlain ? dialer : undefined,
    allowBasic: allowCleartext || undefined,
    guard,
    device,
    clock,
    timeout,
    connectTimeout,
    onNotice,
    onTrace,
  });
}
