/**
 * What has happened at a device so far.
 *
 * @module
 */

import { type P2pStats, sumP2pStats } from "./p2p/stats.ts";

/** A PTZ command that the camera has seen. */
export interface PtzCommand {
  /** Milliseconds of the simulator's clock. */
  readonly time: number;
  /** Channel, 1-based. */
  readonly channel: number;
  /** `start` or `stop` with a code, over RPC or CGI; `call` of any other method that moves. */
  readonly action: "start" | "stop" | "call";
  /** Code, for example `Left`, or the name of the method, for example `moveAbsolutely`. */
  readonly code: string;
  /** The other parameters as they were sent. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Number of the session in the list of active users; null over CGI. */
  readonly session: number | null;
  /** False when it was refused. */
  readonly accepted: boolean;
}

/** A firmware upload that the device has taken. */
export interface UpgradeUpload {
  /** Bytes received. */
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256 of them. */
  readonly sha256: string;
  /** True once the client asked to install it. */
  readonly executed: boolean;
}

/** What came in over one service. */
export interface ServiceStats {
  /** Logins that succeeded. CGI: Digest nonces, or connections with Basic, that were accepted. */
  readonly logins: number;
  /** Logins that were refused. CGI: requests with wrong credentials or of a locked account. */
  readonly refusedLogins: number;
  /** Sessions ended by global.logout; CGI has none. */
  readonly logouts: number;
  /** Calls carried out or refused, logins included. */
  readonly calls: number;
}

/** What came in over the discovery port. */
export interface DiscoveryStats {
  /** Searches heard. */
  readonly probes: number;
  /** Answers sent. */
  readonly replies: number;
  /** Datagrams without the header, or with something else in it than a method. */
  readonly unreadable: number;
  /** Other methods, which nobody should send there: they change devices. */
  readonly otherMethods: Readonly<Record<string, number>>;
}

/** What goes on at the RTSP port. */
export interface RtspStats {
  /** Sessions made by SETUP so far. */
  readonly sessions: number;
  /** Sessions now. */
  readonly openSessions: number;
  /** Sessions that ended because their client was silent for too long. */
  readonly expired: number;
  /** Packets of RTP sent, those that a fault has lost included. */
  readonly packets: number;
  /** Reports of receivers (RTCP) that came in. */
  readonly reports: number;
}

/** Services that ask who is there. */
export type LoginService = "dhip" | "rpc2" | "cgi" | "rtsp";

/** Counters of one device, or the sums of several. */
export interface DeviceStats {
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Logins that opened a session, over DHIP or RPC2. */
  readonly logins: number;
  /** Logins that were refused, for whatever reason, over DHIP, RPC2, CGI or RTSP. */
  readonly refusedLogins: number;
  /** Sessions ended by global.logout. */
  readonly logouts: number;
  /** Sessions open now. */
  readonly sessionsOpen: number;
  /** Event subscriptions now. */
  readonly subscriptions: number;
  /** Searches for recordings open now. */
  readonly finders: number;
  /** Keep-alives that were answered with yes. */
  readonly keepAlives: number;
  /** Pushes sent. */
  readonly pushes: number;
  /** Connections closed because of bytes that are not DHIP. */
  readonly badFrames: number;
  /** Calls by method, served or refused; methods the device does not have count as `(unknown)`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Logins, logouts and calls by service. */
  readonly byService: Readonly<Record<LoginService, ServiceStats>>;
  /** Answers of the web server by HTTP status. */
  readonly httpStatus: Readonly<Record<string, number>>;
  /** Bytes sent by network service (`dhip`, `http`, `rtsp`; UDP counts as `rtsp`). */
  readonly bytesServed: Readonly<Record<string, number>>;
  /** RTSP. */
  readonly rtsp: RtspStats;
  /** Pictures of live streams that were left out because the client was too slow. */
  readonly droppedFrames: number;
  /** Test mails sent. */
  readonly mails: number;
  /** Discovery. */
  readonly discovery: DiscoveryStats;
  /** The way by serial number: clients, tunnels, segments. */
  readonly p2p: P2pStats;
  /** Strikes by fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** PTZ commands in the order they came. */
  readonly ptz: readonly PtzCommand[];
  /** Firmware uploads in the order they came. */
  readonly upgrades: readonly UpgradeUpload[];
}

/** The counters while they count. */
export class Counters {
  connections = 0;
  keepAlives = 0;
  pushes = 0;
  badFrames = 0;
  readonly calls = new Map<string, number>();
  readonly bytesServed = new Map<string, number>([["dhip", 0], ["http", 0], ["rtsp", 0]]);
  readonly httpStatus = new Map<string, number>();
  readonly rtsp: { -readonly [K in keyof RtspStats]: number } = {
    sessions: 0,
    openSessions: 0,
    expired: 0,
    packets: 0,
    reports: 0,
  };
  droppedFrames = 0;
  mails = 0;
  readonly discovery = {
    probes: 0,
    replies: 0,
    unreadable: 0,
    otherMethods: new Map<string, number>(),
  };
  readonly #services: Record<LoginService, { -readonly [K in keyof ServiceStats]: number }> = {
    dhip: { logins: 0, refusedLogins: 0, logouts: 0, calls: 0 },
    rpc2: { logins: 0, refusedLogins: 0, logouts: 0, calls: 0 },
    cgi: { logins: 0, refusedLogins: 0, logouts: 0, calls: 0 },
    rtsp: { logins: 0, refusedLogins: 0, logouts: 0, calls: 0 },
  };

  /** Counts a call. */
  call(method: string, service: LoginService): void {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    this.#services[service].calls++;
  }

  /** Counts a login that succeeded. */
  login(service: LoginService): void {
    this.#services[service].logins++;
  }

  /** Counts a login that was refused. */
  refusedLogin(service: LoginService): void {
    this.#services[service].refusedLogins++;
  }

  /** Counts a logout. */
  logout(service: LoginService): void {
    this.#services[service].logouts++;
  }

  /** Counts an answer of the web server. */
  answered(status: number): void {
    this.httpStatus.set(String(status), (this.httpStatus.get(String(status)) ?? 0) + 1);
  }

  /** Logins, logouts and calls by service, and their sums. */
  byService(): Pick<DeviceStats, "logins" | "refusedLogins" | "logouts" | "byService"> {
    const { dhip, rpc2, cgi, rtsp } = this.#services;
    return {
      logins: dhip.logins + rpc2.logins,
      refusedLogins: dhip.refusedLogins + rpc2.refusedLogins + cgi.refusedLogins +
        rtsp.refusedLogins,
      logouts: dhip.logouts + rpc2.logouts,
      byService: { dhip: { ...dhip }, rpc2: { ...rpc2 }, cgi: { ...cgi }, rtsp: { ...rtsp } },
    };
  }

  /** Counts bytes sent by a network service. */
  served(service: string, bytes: number): void {
    this.bytesServed.set(service, (this.bytesServed.get(service) ?? 0) + bytes);
  }
}

/** The sums of several devices. */
export function sumStats(all: readonly DeviceStats[]): DeviceStats {
  const sum = (pick: (stats: DeviceStats) => number) =>
    all.reduce((total, stats) => total + pick(stats), 0);
  const sums = (pick: (stats: DeviceStats) => Readonly<Record<string, number>>) => {
    const totals: Record<string, number> = {};
    for (const stats of all) {
      for (const [key, value] of Object.entries(pick(stats))) {
        totals[key] = (totals[key] ?? 0) + value;
      }
    }
    return totals;
  };
  const sumService = (service: LoginService): ServiceStats => ({
    logins: sum((stats) => stats.byService[service].logins),
    refusedLogins: sum((stats) => stats.byService[service].refusedLogins),
    logouts: sum((stats) => stats.byService[service].logouts),
    calls: sum((stats) => stats.byService[service].calls),
  });
  return {
    connections: sum((stats) => stats.connections),
    openConnections: sum((stats) => stats.openConnections),
    logins: sum((stats) => stats.logins),
    refusedLogins: sum((stats) => stats.refusedLogins),
    logouts: sum((stats) => stats.logouts),
    sessionsOpen: sum((stats) => stats.sessionsOpen),
    subscriptions: sum((stats) => stats.subscriptions),
    finders: sum((stats) => stats.finders),
    keepAlives: sum((stats) => stats.keepAlives),
    pushes: sum((stats) => stats.pushes),
    badFrames: sum((stats) => stats.badFrames),
    calls: sums((stats) => stats.calls),
    bytesServed: sums((stats) => stats.bytesServed),
    byService: {
      dhip: sumService("dhip"),
      rpc2: sumService("rpc2"),
      cgi: sumService("cgi"),
      rtsp: sumService("rtsp"),
    },
    rtsp: {
      sessions: sum((stats) => stats.rtsp.sessions),
      openSessions: sum((stats) => stats.rtsp.openSessions),
      expired: sum((stats) => stats.rtsp.expired),
      packets: sum((stats) => stats.rtsp.packets),
      reports: sum((stats) => stats.rtsp.reports),
    },
    droppedFrames: sum((stats) => stats.droppedFrames),
    mails: sum((stats) => stats.mails),
    httpStatus: sums((stats) => stats.httpStatus),
    discovery: {
      probes: sum((stats) => stats.discovery.probes),
      replies: sum((stats) => stats.discovery.replies),
      unreadable: sum((stats) => stats.discovery.unreadable),
      otherMethods: sums((stats) => stats.discovery.otherMethods),
    },
    p2p: sumP2pStats(all.map((stats) => stats.p2p)),
    faults: sums((stats) => stats.faults),
    ptz: all.flatMap((stats) => stats.ptz),
    upgrades: all.flatMap((stats) => stats.upgrades),
  };
}
