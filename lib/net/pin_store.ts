/**
 * Certificates that were seen before. Cameras have self-signed certificates, so what can be
 * checked is that a device still shows the certificate it showed the first time.
 *
 * @module
 */

/** The pinned certificate of one device. */
export interface CertificatePin {
  /** SHA-256 of the certificate in DER form, lower-case hex. */
  readonly sha256: string;
  /** When it was first seen, ISO 8601 UTC. */
  readonly since: string;
}

/** Remembers one certificate per host and port. */
export interface PinStore {
  /** The pin of `host:port`, or undefined when that was never seen. */
  get(endpoint: string): Promise<CertificatePin | undefined>;
  /** Pins a certificate, replacing an older pin. */
  set(endpoint: string, pin: CertificatePin): Promise<void>;
  /** Forgets the pin. */
  delete(endpoint: string): Promise<void>;
}

/** The default: pins live as long as the process. */
export class MemoryPinStore implements PinStore {
  readonly #pins = new Map<string, CertificatePin>();

  /** See {@linkcode PinStore.get}. */
  get(endpoint: string): Promise<CertificatePin | undefined> {
    return Promise.resolve(this.#pins.get(endpoint));
  }

  /** See {@linkcode PinStore.set}. */
  set(endpoint: string, pin: CertificatePin): Promise<void> {
    this.#pins.set(endpoint, pin);
    return Promise.resolve();
  }

  /** See {@linkcode PinStore.delete}. */
  delete(endpoint: string): Promise<void> {
    this.#pins.delete(endpoint);
    return Promise.resolve();
  }
}
