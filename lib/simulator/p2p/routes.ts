/**
 * Which server of the cloud answers which path.
 *
 * @module
 */

/** The servers. `relay` is a relay that was lent. */
export type ServerName = "main" | "server" | "dispatcher" | "relay";

/** What can be asked. `register` and `join` come from devices, in a form of the simulator's own. */
export type Service =
  | "probe"
  | "online"
  | "online-relay"
  | "probe-device"
  | "info"
  | "p2p-channel"
  | "relay-channel"
  | "relay-agent"
  | "relay-start"
  | "unbind"
  | "register"
  | "join";

const ROUTES: readonly (readonly [ServerName, Service, RegExp])[] = [
  ["main", "probe", /^\/probe\/p2psrv()$/],
  ["main", "online", /^\/online\/p2psrv\/([^/]+)$/],
  ["main", "online-relay", /^\/online\/relay()$/],
  ["main", "p2p-channel", /^\/device\/([^/]+)\/p2p-channel$/],
  ["main", "relay-channel", /^\/device\/([^/]+)\/relay-channel$/],
  ["main", "register", /^\/simulator\/register\/([^/]+)$/],
  ["server", "probe-device", /^\/probe\/device\/([^/]+)$/],
  ["server", "info", /^\/info\/device\/([^/]+)$/],
  ["dispatcher", "relay-agent", /^\/relay\/agent()$/],
  ["dispatcher", "unbind", /^\/relay\/unbind\/([^/]+)$/],
  ["relay", "relay-start", /^\/relay\/start\/([^/]+)$/],
  ["relay", "join", /^\/simulator\/join\/([^/]+)$/],
];

/** Finds what a path of a server means; undefined when it means nothing. */
export function routeOf(
  server: ServerName,
  path: string,
): { readonly service: Service; readonly argument: string } | undefined {
  for (const [of, service, pattern] of ROUTES) {
    const match = of === server ? pattern.exec(path) : null;
    if (match !== null) return { service, argument: match[1]! };
  }
  return undefined;
}

/** How a device tells the cloud its address, or a relay that it has come. */
export function deviceMessage(service: "register" | "join", name: string): Uint8Array {
  return new TextEncoder().encode(
    `DHGET /simulator/${service}/${name} HTTP/1.1\r\nCSeq: 0\r\n\r\n`,
  );
}
