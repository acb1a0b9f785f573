/**
 * Questions to the cloud about one device: an answer is a success, anything else an error.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { DatagramAddress } from "../net/udp.ts";
import { readAddresses } from "./candidates.ts";
import type { CloudCall, CloudClient } from "./cloud_client.ts";
import { refusalError, refusalOf } from "./cloud_refusal.ts";

/** One question. */
export interface Question extends Omit<CloudCall, "host"> {
  /** What 404 means here. */
  readonly notFound?: string | undefined;
  /** True when it is signed with the device's password. */
  readonly signed?: boolean | undefined;
}

/** Elements of an answer's body. */
export type AnswerFields = ReadonlyMap<string, string>;

/** Asks on behalf of one device. */
export class Inquiry {
  /** Makes and matches the messages. */
  readonly client: CloudClient;
  /** The device for messages, `sn:SERIAL`. */
  readonly host: string;

  constructor(client: CloudClient, host: string) {
    this.client = client;
    this.host = host;
  }

  /** Asks, and resolves to the fields of a success. */
  async ask({ notFound, signed, ...call }: Question): Promise<AnswerFields> {
    const { host } = this;
    const response = await this.client.request({ ...call, host });
    const refusal = refusalOf(response);
    if (refusal !== null) throw refusalError(refusal, response, { host, notFound, signed });
    return response.fields;
  }

  /** The first address in one of the named fields. */
  address(fields: AnswerFields, ...names: string[]): DatagramAddress {
    for (const name of names) {
      const [address] = readAddresses(fields.get(name) ?? "");
      if (address !== undefined) return address;
    }
    throw new DhipError("DHIP_BAD_REPLY", `The P2P cloud's answer has no ${names.join(" or ")}`, {
      host: this.host,
    });
  }
}

/** An address for messages. */
export function addressText({ host, port }: DatagramAddress): string {
  return `${host}:${port}`;
}
