/** Golden data of the P2P cloud, by kind. */

import file from "../vectors/p2p_cloud.json" with { type: "json" };

export interface WsseVector {
  name: string;
  kind: "wsse";
  username: string;
  key: string;
  nonce: string;
  created: string;
  expected: { digest: string };
}

export interface RequestVector {
  name: string;
  kind: "request";
  path: string;
  body: string;
  cseq: number;
  wsse: { username: string; key: string; nonce: string; created: string };
  expected: { digest: string; bytes_hex: string };
}

export interface ResponseVector {
  name: string;
  kind: "response";
  input_hex: string;
  expected: {
    code?: number;
    status?: string;
    cseq?: string;
    provisional?: boolean;
    headers_date?: string;
    fields?: Record<string, string>;
    error?: { kind: string; reason?: string; serverTime?: string };
  };
}

export interface DeviceAuthVector {
  name: string;
  kind: "device_auth";
  username: string;
  password: string;
  salt: string;
  nonce: number;
  createDate: number;
  plaintext: string;
  expected: {
    key: string;
    enc: string;
    devAuth_with_payload: string;
    devAuth_empty_payload: string;
    auth_xml_with_payload: string;
  };
}

export interface InfoVector {
  name: string;
  kind: "info_blob";
  info: string;
  expected: { randsalt: string };
}

export interface TextVector {
  name: string;
  kind: "identify" | "ip_encrpt";
  identify_hex?: string;
  plain?: string;
  expected: { text: string };
}

export interface PunchVector {
  name: string;
  kind: "istun";
  message: "request" | "response" | "confirm";
  identify_hex: string;
  cookie_wire_hex: string;
  txid_wire_hex: string;
  address: string | null;
  port: number | null;
  expected: { wire_hex: string; logical_hex: string };
}

export interface PunchReadVector {
  name: string;
  kind: "istun_parse";
  input_hex: string;
  expected: {
    message: string;
    identify_hex?: string;
    address?: string;
    port?: number;
    role?: string;
    cookie_wire_hex?: string;
    txid_wire_hex?: string;
  };
}

export type CloudVector =
  | WsseVector
  | RequestVector
  | ResponseVector
  | DeviceAuthVector
  | InfoVector
  | TextVector
  | PunchVector
  | PunchReadVector;

export const cloudVectors = file as CloudVector[];

export function inverted(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex).map((byte) => ~byte);
}
