/**
 * Reads `WWW-Authenticate`. RFC 9110 section 11, RFC 7616 section 3.3, RFC 7617.
 *
 * @module
 */

/** One challenge as it was sent. */
export interface Challenge {
  /** Scheme in lower case, for example `digest`. */
  readonly scheme: string;
  /** Parameters by lower-case name, unquoted. The first of a name counts. */
  readonly params: ReadonlyMap<string, string>;
}

/** A Digest challenge that can be answered. */
export interface DigestChallenge {
  /** Tells it from Basic. */
  readonly scheme: "digest";
  /** Realm; empty when the server named none. */
  readonly realm: string;
  /** Nonce. */
  readonly nonce: string;
  /** Text to be sent back. */
  readonly opaque?: string;
  /** Algorithm as the server wrote it; undefined means MD5. */
  readonly algorithm?: string;
  /** Qualities of protection offered, in lower case; empty is the form of RFC 2069. */
  readonly qopOptions: readonly string[];
  /** True when only the nonce was too old: user and password were right. */
  readonly stale: boolean;
  /** True when the server wants the user name hashed. */
  readonly userhash: boolean;
}

/** A Basic challenge. */
export interface BasicChallenge {
  /** Tells it from Digest. */
  readonly scheme: "basic";
  /** Realm. */
  readonly realm: string;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[0-9A-Za-z\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const SEPARATORS = /[\s,]*/y;
const SPACE = /[ \t]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)(?:"|\\?$)/y;
const UNQUOTED = /[^,]*/y;

/**
 * Reads every challenge of a header value; several header lines are joined by commas, as
 * `Headers.get` does. What cannot be read is skipped: this never throws.
 */
export function parseChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(value);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (take(SEPARATORS); at < value.length; take(SEPARATORS)) {
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) {
      take(UNQUOTED); // not a challenge, up to the next comma
      continue;
    }
    if (take(EQUALS) === null) {
      challenges.push({ scheme: name, params: new Map() });
      take(SPACE);
      take(TOKEN68); // of Negotiate and the like, which nobody here answers
      continue;
    }
    const quoted = take(QUOTED);
    const text = quoted === null
      ? take(UNQUOTED)![0].trim()
      : quoted[1]!.replace(/\\([\s\S])/g, "$1");
    const params = challenges.at(-1)?.params;
    // A control character would end the line of the answer that echoes it.
    // deno-lint-ignore no-control-regex
    if (params !== undefined && !params.has(name) && !/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) {
      params.set(name, text);
    }
  }
  return challenges;
}

/** What may be chosen. */
export interface ChooseOptions {
  /** Whether Basic may be answered at all. Default true. */
  readonly allowBasic?: boolean | undefined;
}

/**
 * The strongest challenge that can be answered: SHA-256 before MD5 before Basic, without -sess
 * before with; among equals the server's first. Undefined when there is none.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  options: ChooseOptions = {},
): DigestChallenge | BasicChallenge | undefined {
  let best: DigestChallenge | BasicChallenge | undefined;
  let bestStrength = 0;
  for (const challenge of challenges) {
    const read = challenge.scheme === "digest"
      ? readDigest(challenge.params)
      : challenge.scheme === "basic" && options.allowBasic !== false
      ? { scheme: "basic" as const, realm: challenge.params.get("realm") ?? "" }
      : undefined;
    const strength = read === undefined ? 0 : strengthOf(read);
    if (strength > bestStrength) [best, bestStrength] = [read, strength];
  }
  return best;
}

function strengthOf(challenge: DigestChallenge | BasicChallenge): number {
  if (challenge.scheme === "basic") return 1;
  const algorithm = (challenge.algorithm ?? "MD5").toUpperCase();
  return ["", "", "MD5-SESS", "MD5", "SHA-256-SESS", "SHA-256"].indexOf(algorithm);
}

/** Undefined when it lacks a nonce, or asks for a protection nobody here knows. */
function readDigest(params: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const nonce = params.get("nonce");
  const qop = params.get("qop");
  const algorithm = params.get("algorithm");
  const opaque = params.get("opaque");
  const qopOptions = (qop ?? "").toLowerCase().split(/[\s,]+/).filter((option) => option !== "");
  if (nonce === undefined) return undefined;
  if (qopOptions.length > 0 && !qopOptions.some((option) => /^auth(-int)?$/.test(option))) {
    return undefined;
  }
  return {
    scheme: "digest",
    realm: params.get("realm") ?? "",
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    ...(algorithm === undefined ? {} : { algorithm }),
    qopOptions,
    stale: params.get("stale")?.toLowerCase() === "true",
    userhash: params.get("userhash")?.toLowerCase() === "true",
  };
}
