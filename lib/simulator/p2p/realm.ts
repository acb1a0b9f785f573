/**
 * One connection inside a tunnel, as the device has it.
 *
 * @module
 */

/** What a service may do with a connection. */
export interface RealmLine {
  /** Says CONN: from now on there may be data. */
  accept(): void;
  /** Says DISC, behind everything that was written; before `accept` it is a refusal. */
  close(): void;
  /**
   * Puts bytes in line. They must not change until `done`, which is called when they have left or
   * cannot leave any more.
   */
  write(bytes: Uint8Array, done?: () => void): void;
  /** So many bytes of `data` are dealt with, and make room for others. */
  consumed(bytes: number): void;
}

/** What stands behind a port of the device. */
export interface RealmService {
  /** Takes bytes of the client: a view, valid during the call. */
  data(bytes: Uint8Array): void;
  /** The connection is over; nothing can be written any more. */
  closed(): void;
}

/** Finds what a port leads to; undefined when it is closed. */
export type OpenPort = (port: number, line: RealmLine) => RealmService | undefined;

/** Bytes that wait to be sent. */
interface Writing {
  bytes: Uint8Array;
  readonly done: (() => void) | undefined;
}

/** What the tunnel knows of a connection. */
export class Realm {
  /** Number that the client chose. */
  readonly id: number;
  /** Its service; undefined while it is being opened. */
  service: RealmService | undefined;
  /** True after CONN. */
  open = false;
  /** True when the service has closed it; DISC follows the last byte. */
  closing = false;
  /** True when nobody may write any more. */
  gone = false;
  /** Bytes delivered that the service has not dealt with. */
  backlog = 0;
  /** Those of them that still shut the window of the tunnel. */
  withheld = 0;
  readonly #writing: Writing[] = [];

  /** Makes a realm that is not open yet. */
  constructor(id: number) {
    this.id = id;
  }

  /** True when there are bytes to send. */
  get wants(): boolean {
    return this.#writing.length > 0;
  }

  /** Puts bytes at the end of the line. */
  write(bytes: Uint8Array, done: (() => void) | undefined): void {
    if (bytes.length > 0) this.#writing.push({ bytes, done });
    else done?.();
  }

  /** Takes the next bytes, at most `most`; call the result's `done` when they are copied. */
  take(most: number): { readonly bytes: Uint8Array; readonly done: (() => void) | undefined } {
    const first = this.#writing[0]!;
    if (first.bytes.length <= most) return this.#writing.shift()!;
    const bytes = first.bytes.subarray(0, most);
    first.bytes = first.bytes.subarray(most);
    return { bytes, done: undefined };
  }

  /** Gives up what was not sent, and tells the service first: it must not write more. */
  end(): void {
    this.gone = true;
    this.service?.closed();
    for (const { done } of this.#writing.splice(0)) done?.();
  }
}
