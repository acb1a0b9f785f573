/**
 * The one table of error codes.
 *
 * @module
 */

/** What one error code means and how a program should treat it. */
export interface ErrorCodeInfo {
  /** One plain sentence, as shown in the README's table. */
  readonly meaning: string;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** Exit code of the `dhip` executable when a command ends with this error. */
  readonly exit: number;
}

/** What the exit codes of the `dhip` executable mean. They are stable too. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: "Done",
  1: "Unexpected error",
  2: "The command line cannot be understood, or no password",
  3: "Device unreachable, or no answer in time",
  4: "Login refused or account locked",
  5: "The device refused the request",
  6: "Some of several targets failed",
  7: "The result is incomplete",
  8: "A check failed",
  130: "Interrupted",
};

/** All error codes. They are stable: a code is never renamed or given another meaning. */
export const ERROR_CODES = {
  DHIP_UNREACHABLE: {
    meaning: "No connection: refused, no route, unknown name, or no service on that port.",
    retryable: true,
    exit: 3,
  },
  DHIP_TIMEOUT: {
    meaning: "No answer within the time limit.",
    retryable: true,
    exit: 3,
  },
  DHIP_CONNECTION_LOST: {
    meaning: "The connection broke, went silent, or ended in the middle of a message.",
    retryable: true,
    exit: 3,
  },
  DHIP_WRONG_PROTOCOL: {
    meaning: "Another protocol than the expected one answers on that port (HTTP, for example).",
    retryable: false,
    exit: 3,
  },
  DHIP_BAD_FRAME: {
    meaning: "A frame that breaks the DHIP framing rules; the connection was closed.",
    retryable: false,
    exit: 1,
  },
  DHIP_FRAME_TOO_LARGE: {
    meaning: "A message, binary part or fragment count above the configured limit.",
    retryable: false,
    exit: 1,
  },
  DHIP_BAD_JSON: {
    meaning: "A message whose body is not a JSON object; only that message is lost.",
    retryable: false,
    exit: 1,
  },
  DHIP_BAD_HTTP: {
    meaning: "An HTTP answer that breaks the rules of HTTP; the connection was closed.",
    retryable: false,
    exit: 1,
  },
  DHIP_HTTP_TOO_LARGE: {
    meaning: "An HTTP header, body or part above the configured limit.",
    retryable: false,
    exit: 1,
  },
  DHIP_HTTP_STATUS: {
    meaning: "The device answered an HTTP request with an error status.",
    retryable: false,
    exit: 5,
  },
  DHIP_HTTP_REDIRECT: {
    meaning: "Not followed: a redirect to another host, away from https, or without end.",
    retryable: false,
    exit: 5,
  },
  DHIP_TLS_UNTRUSTED: {
    meaning: "The device's certificate could not be verified, or is not the one pinned before.",
    retryable: false,
    exit: 4,
  },
  DHIP_TLS_TOO_OLD: {
    meaning: "The device offers only TLS versions, ciphers or keys that are no longer safe.",
    retryable: false,
    exit: 3,
  },
  DHIP_BAD_REPLY: {
    meaning: "A well-formed answer without the fields that the call needs.",
    retryable: false,
    exit: 1,
  },
  DHIP_AUTH_REFUSED: {
    meaning: "The device refused user or password.",
    retryable: false,
    exit: 4,
  },
  DHIP_AUTH_LOCKED: {
    meaning: "The device has locked the account, or the user or address is blocked.",
    retryable: false,
    exit: 4,
  },
  DHIP_AUTH_NOT_INITIALISED: {
    meaning: "The device has no administrator password yet and accepts no login.",
    retryable: false,
    exit: 4,
  },
  DHIP_AUTH_UNSUPPORTED: {
    meaning: "The device asks for a login kind that dhip does not know.",
    retryable: false,
    exit: 4,
  },
  DHIP_AUTH_CLEARTEXT: {
    meaning: "The device asks for the password in clear text and that was not allowed.",
    retryable: false,
    exit: 4,
  },
  DHIP_AUTH_BUSY: {
    meaning: "The account is in use elsewhere or the device has no free session.",
    retryable: true,
    exit: 4,
  },
  DHIP_AUTH_GUARDED: {
    meaning: "Not sent: this password was refused before and another try could lock the account.",
    retryable: false,
    exit: 4,
  },
  DHIP_NO_PASSWORD: {
    meaning: "No password: none was given, or what should give it failed.",
    retryable: false,
    exit: 2,
  },
  DHIP_DEVICE_REFUSED: {
    meaning: "The device answered with an error of its own.",
    retryable: false,
    exit: 5,
  },
  DHIP_METHOD_NOT_FOUND: {
    meaning: "The device does not have this method or service.",
    retryable: false,
    exit: 5,
  },
  DHIP_NO_PERMISSION: {
    meaning: "The user may not do this on the device.",
    retryable: false,
    exit: 5,
  },
  DHIP_BAD_PARAMS: {
    meaning: "The device did not accept the parameters.",
    retryable: false,
    exit: 5,
  },
  DHIP_DEVICE_BUSY: {
    meaning: "The device is busy.",
    retryable: true,
    exit: 5,
  },
  DHIP_STALE_OBJECT: {
    meaning: "The object id of a service instance is missing or no longer valid.",
    retryable: true,
    exit: 5,
  },
  DHIP_NOT_SUPPORTED: {
    meaning: "This device or this protocol does not offer the function.",
    retryable: false,
    exit: 5,
  },
  DHIP_NO_STORAGE: {
    meaning: "The device has no disk or card, or cannot use it.",
    retryable: false,
    exit: 5,
  },
  DHIP_NOT_HELD: {
    meaning: "The device accepted a setting and then did not keep it.",
    retryable: false,
    exit: 7,
  },
  DHIP_INCOMPLETE: {
    meaning: "What was sent or read ends too early or has holes; the message says what was kept.",
    retryable: true,
    exit: 7,
  },
  DHIP_CONFLICT: {
    meaning: "Somebody else changed the same setting meanwhile; nothing was written.",
    retryable: true,
    exit: 7,
  },
  DHIP_DIFFERENT: {
    meaning: "A comparison found differences.",
    retryable: false,
    exit: 8,
  },
  DHIP_CHECK_FAILED: {
    meaning: "A check found a problem.",
    retryable: false,
    exit: 8,
  },
  DHIP_SESSION_LOST: {
    meaning: "The device forgot the session and it could not be renewed.",
    retryable: true,
    exit: 3,
  },
  DHIP_CLOSED: {
    meaning: "The session was closed by this program while the call was waiting.",
    retryable: false,
    exit: 1,
  },
  DHIP_INTERRUPTED: {
    meaning: "Interrupted by the user or by an AbortSignal.",
    retryable: false,
    exit: 130,
  },
  DHIP_TOO_MANY_CALLS: {
    meaning: "More calls in flight than the session's limit.",
    retryable: true,
    exit: 1,
  },
  DHIP_P2P_NO_PROFILE: {
    meaning: "No P2P cloud is configured, or its profile cannot be used.",
    retryable: false,
    exit: 2,
  },
  DHIP_P2P_IDENTITY_REFUSED: {
    meaning: "The P2P cloud refused the user and key of the profile.",
    retryable: false,
    exit: 4,
  },
  DHIP_P2P_AUTH_REQUIRED: {
    meaning: "The device wants its user and password before it opens a tunnel; none are known.",
    retryable: false,
    exit: 4,
  },
  DHIP_P2P_UNKNOWN_DEVICE: {
    meaning: "The P2P cloud does not know the serial number, or the device is offline.",
    retryable: false,
    exit: 3,
  },
  DHIP_P2P_UNREACHABLE: {
    meaning: "No tunnel: neither a direct path nor a relay to the device worked.",
    retryable: true,
    exit: 3,
  },
  DHIP_TUNNEL_LOST: {
    meaning: "The tunnel broke under a connection.",
    retryable: true,
    exit: 3,
  },
  DHIP_BIND_REFUSED: {
    meaning: "The device does not serve that port, or did not open it in time.",
    retryable: false,
    exit: 3,
  },
  DHIP_LISTEN: {
    meaning: "A local port cannot be listened on: taken, not allowed, or no such address.",
    retryable: false,
    exit: 1,
  },
  DHIP_USAGE: {
    meaning: "The command line cannot be understood.",
    retryable: false,
    exit: 2,
  },
  DHIP_CONFIG: {
    meaning: "The config file cannot be used: a mistake in it, or others may read its passwords.",
    retryable: false,
    exit: 2,
  },
  DHIP_FILE: {
    meaning: "A local file cannot be read or written.",
    retryable: false,
    exit: 1,
  },
  DHIP_PARTIAL: {
    meaning: "Some of several targets failed; each failure is reported on its own.",
    retryable: false,
    exit: 6,
  },
  DHIP_INTERNAL: {
    meaning: "A defect of dhip itself; please report it.",
    retryable: false,
    exit: 1,
  },
} as const satisfies Record<string, ErrorCodeInfo>;

/** A stable error code, for example `DHIP_AUTH_LOCKED`. */
export type ErrorCode = keyof typeof ERROR_CODES;
