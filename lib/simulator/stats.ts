/**
 * What has happened at a device so far.
 *
 * @module
 */

/** A PTZ command that the camera has seen. */
export interface PtzCommand {
  /** Milliseconds of the simulator's clock. */
  readonly time: number;
  /** Channel, 1-based. */
  readonly channel: number;
  /** Command, for example `Left`. */
  readonly command: string;
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

/** Counters of one device, or the sums of several. */
export interface DeviceStats {
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Logins that succeeded. */
  readonly logins: number;
  /** Logins that were refused, for whatever reason. */
  readonly refusedLogins: number;
  /** Sessions ended by global.logout. */
  readonly logouts: number;
  /** Sessions open now. */
  readonly sessionsOpen: number;
  /** Event subscriptions now. */
  readonly subscriptions: number;
  /** Keep-alives that were answered with yes. */
  readonly keepAlives: number;
  /** Pushes sent. */
  readonly pushes: number;
  /** Connections closed because of bytes that are not DHIP. */
  readonly badFrames: number;
  /** Calls by method, served or refused; methods the device does not have count as `(unknown)`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Bytes sent by network service (`dhip`). */
  readonly bytesServed: Readonly<Record<string, number>>;
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
  logins = 0;
  refusedLogins = 0;
  logouts = 0;
  keepAlives = 0;
  pushes = 0;
  badFrames = 0;
  readonly calls = new Map<string, number>();
  readonly bytesServed = new Map<string, number>([["dhip", 0]]);

  /** Counts a call. */
  call(method: string): void {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
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
  return {
    connections: sum((stats) => stats.connections),
    openConnections: sum((stats) => stats.openConnections),
    logins: sum((stats) => stats.logins),
    refusedLogins: sum((stats) => stats.refusedLogins),
    logouts: sum((stats) => stats.logouts),
    sessionsOpen: sum((stats) => stats.sessionsOpen),
    subscriptions: sum((stats) => stats.subscriptions),
    keepAlives: sum((stats) => stats.keepAlives),
    pushes: sum((stats) => stats.pushes),
    badFrames: sum((stats) => stats.badFrames),
    calls: sums((stats) => stats.calls),
    bytesServed: sums((stats) => stats.bytesServed),
    faults: sums((stats) => stats.faults),
    ptz: all.flatMap((stats) => stats.ptz),
    upgrades: all.flatMap((stats) => stats.upgrades),
  };
}
