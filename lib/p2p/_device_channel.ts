/**
 * The device's side of the handshake: how it wants to be asked, and what it tells of itself.
 *
 * @module
 */

import type { CloudClient } from "./cloud_client.ts";
import type { BodyFields } from "./cloud_xml.ts";
import type { AnswerFields } from "./_inquiry.ts";
import { invertAddresses, readAddresses } from "./candidates.ts";
import { decryptAddresses, deviceKey, encryptAddresses, signatureFields } from "./device_auth.ts";
import type { PunchTargets } from "./hole_punch.ts";
import { identifyText, readIdentify } from "./istun.ts";

/** Version of the channel request that known programs send (dh-p2p). */
const CHANNEL_VERSION = "5.0.0";

/** User and password of the device. */
export interface DeviceCredentials {
  /** User of the device. */
  readonly user: string;
  /** Password of that user. */
  readonly password: string;
}

/** Signs requests with the device's password. */
export class DeviceSigner {
  readonly #client: CloudClient;
  readonly #user: string;
  readonly #salt: string | null;
  readonly #key: string;

  constructor(client: CloudClient, { user, password }: DeviceCredentials, salt: string | null) {
    this.#client = client;
    this.#user = user;
    this.#salt = salt;
    this.#key = deviceKey(user, password, salt ?? "");
  }

  /**
   * Elements of one transmission, with a nonce of its own: a device refuses one that it has seen.
   * Addresses are encrypted.
   */
  sign(addresses: string | null): { readonly fields: BodyFields; readonly payload: string } {
    const nonce = this.#client.nonce();
    const payload = addresses === null ? "" : encryptAddresses(this.#key, nonce, addresses);
    const fields = signatureFields({
      key: this.#key,
      user: this.#user,
      salt: this.#salt,
      nonce,
      created: Math.floor(this.#client.time() / 1000),
      payload,
    });
    return { fields, payload };
  }

  /** Decrypts addresses of an answer with the answer's nonce. */
  open(text: string, nonce: number): string | null {
    return decryptAddresses(this.#key, nonce, text);
  }
}

/** Body of the channel request; `addresses` are our own. */
export function channelBody(
  identify: Uint8Array,
  addresses: string,
  signer: DeviceSigner | null,
): BodyFields {
  const common = { Identify: identifyText(identify) };
  if (signer === null) {
    const LocalAddr = invertAddresses(addresses);
    return { ...common, IpEncrpt: "true", LocalAddr, version: CHANNEL_VERSION };
  }
  const { fields, payload } = signer.sign(addresses);
  return {
    ...fields,
    ...common,
    IpEncrptV2: "true",
    LocalAddr: payload,
    version: CHANNEL_VERSION,
  };
}

/** Where the device may be reached, from the answer to the channel request. */
export function channelTargets(fields: AnswerFields, signer: DeviceSigner | null): PunchTargets {
  const text = fields.get("LocalAddr") ?? "";
  const nonce = fields.get("Nonce") ?? "";
  const local = /^[\d.,:\s]*$/.test(text)
    ? isTrue(fields.get("IpEncrpt")) ? invertAddresses(text) : text
    : /^\d{1,10}$/.test(nonce)
    ? signer?.open(text, Number(nonce)) ?? ""
    : "";
  return {
    lan: readAddresses(local),
    public: [
      ...readAddresses(fields.get("PubAddr") ?? ""),
      ...readAddresses(fields.get("PortMapAddr") ?? ""),
    ],
    identify: readIdentify(fields.get("Identify") ?? ""),
  };
}

function isTrue(text: string | undefined): boolean {
  return /^(true|1)$/i.test(text ?? "");
}
