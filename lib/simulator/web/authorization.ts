/**
 * The Authorization field: Basic (RFC 7617) and Digest (RFC 7616).
 *
 * @module
 */

/** User and password, as Basic carries them. */
export interface BasicCredentials {
  /** Scheme. */
  readonly scheme: "basic";
  /** User name. */
  readonly user: string;
  /** Password. */
  readonly password: string;
}

/** The parameters of Digest, by lower-case name, unquoted. */
export interface DigestCredentials {
  /** Scheme. */
  readonly scheme: "digest";
  /** User name, whichever way it was written. */
  readonly user: string;
  /** All parameters. */
  readonly params: ReadonlyMap<string, string>;
}

/** Reads the field; undefined when it is of another scheme or malformed. */
export function parseAuthorization(
  field: string,
): BasicCredentials | DigestCredentials | undefined {
  const match = /^(basic|digest)[ \t]+(.*)$/is.exec(field);
  if (match === null) return undefined;
  const rest = match[2]!;
  return match[1]!.toLowerCase() === "basic" ? basic(rest) : digest(rest);
}

function basic(text: string): BasicCredentials | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text.trim());
    const pair = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const colon = pair.indexOf(":"); // a user name has none, a password may
    if (colon < 0) return undefined;
    return { scheme: "basic", user: pair.slice(0, colon), password: pair.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

function digest(text: string): DigestCredentials | undefined {
  const params = new Map<string, string>();
  const param =
    /[ \t,]*([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))[ \t]*/ys;
  while (!/^[ \t,]*$/.test(text.slice(param.lastIndex))) {
    const at = param.lastIndex;
    const match = param.exec(text);
    if (match === null) return undefined;
    const separated = at === 0 || /^[ \t]*,/.test(text.slice(at));
    const [, name = "", quoted, plain = ""] = match;
    const key = name.toLowerCase();
    if (!separated || params.has(key)) return undefined;
    params.set(key, quoted === undefined ? plain : quoted.replace(/\\(.)/gs, "$1"));
  }
  const user = params.get("username") ?? extended(params.get("username*"));
  return user === undefined ? undefined : { scheme: "digest", user, params };
}

/** `UTF-8''%D0%B0`, the form of RFC 5987. */
function extended(value: string | undefined): string | undefined {
  const match = /^utf-8'[^']*'(.*)$/i.exec(value ?? "");
  if (match === null) return undefined;
  try {
    return decodeURIComponent(match[1]!);
  } catch {
    return undefined;
  }
}
