/**
 * How people name a device.
 *
 * @module
 */

/** A device named by its network address, or by its serial number. */
export interface Target {
  /** Host name, IPv4 address, IPv6 address without brackets, or `sn:SERIAL`. */
  readonly host: string;
  /** Serial number of a device that is reached through a tunnel; `host` is `sn:SERIAL` then. */
  readonly serial?: string;
  /** Port, when one was named. */
  readonly port?: number;
  /** User, when one was named (`dhip://user@host`). */
  readonly user?: string;
}

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port`, a bare IPv6 address, `sn:SERIAL`,
 * `sn:SERIAL:port`, or one of them as `dhip://[user@]…`. A password in the URL is refused: it would end up in shell
 * histories and process lists.
 *
 * ```ts
 * import { parseTarget } from "@dhip/dhip";
 *
 * const target = parseTarget("dhip://operator@[2001:db8::7]:5001");
 * if (target.host !== "2001:db8::7" || target.port !== 5001) throw new Error("unexpected");
 * ```
 *
 * @throws {SyntaxError} when the text is none of these; the message never repeats a password
 */
export function parseTarget(text: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (scheme === null) return parseHostPort(text);
  if (scheme[1]!.toLowerCase() !== "dhip") {
    throw new SyntaxError(`Not a target: the scheme is ${scheme[1]}:// instead of dhip://`);
  }
  const authority = text.slice(scheme[0].length).replace(/\/$/, "");
  const at = authority.lastIndexOf("@");
  if (at < 0) return parseHostPort(authority);
  const account = authority.slice(0, at);
  if (account.includes(":")) {
    throw new SyntaxError(
      "A password in the URL would show in shell histories and process lists; " +
        "leave it out and use a prompt, --password-stdin or DHIP_PASSWORD_FILE",
    );
  }
  const target = parseHostPort(authority.slice(at + 1));
  try {
    return account === "" ? target : { ...target, user: decodeURIComponent(account) };
  } catch {
    throw new SyntaxError("The user in the URL is not valid percent-encoding");
  }
}

function parseHostPort(text: string): Target {
  if (/^sn:/i.test(text)) return parseSerial(text.slice("sn:".length));
  const bracketed = /^\[([0-9a-f:.]+(?:%[\w.-]+)?)\](?::(.*))?$/i.exec(text);
  if (bracketed !== null) return withPort(bracketed[1]!, bracketed[2]);
  const colons = text.split(":").length - 1;
  if (colons > 1 && /^[0-9a-f:.]+(?:%[\w.-]+)?$/i.test(text)) return { host: text };
  const [host = "", port] = colons === 1 ? text.split(":") : [text];
  // Letters of any script, digits, dot, dash, underscore: what resolvers and hosts files hold.
  if (!/^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u.test(host)) {
    throw notATarget(text, "expected host or host:port");
  }
  return withPort(host, port);
}

function parseSerial(text: string): Target {
  const [serial = "", ...rest] = text.split(":");
  if (!SERIAL.test(serial) || rest.length > 1) {
    throw notATarget("sn", "expected sn:SERIAL, of letters, digits, - and _");
  }
  return { ...withPort(`sn:${serial}`, rest[0]), serial };
}

/** What can be a serial number. */
export const SERIAL = /^[A-Za-z0-9_-]{1,64}$/;

function withPort(host: string, port: string | undefined): Target {
  if (port === undefined) return { host };
  const number = Number(port);
  if (!/^\d{1,5}$/.test(port) || number < 1 || number > 65535) {
    throw notATarget(host, "a port is 1 to 65535");
  }
  return { host, port: number };
}

/** Shows only what stands before the first `:` or `@`: behind them may stand a password. */
function notATarget(text: string, expected: string): SyntaxError {
  const shown = text.split(/[:@]/, 1)[0]!.slice(0, 80);
  return new SyntaxError(`Not a target: ${JSON.stringify(shown)}; ${expected}`);
}
