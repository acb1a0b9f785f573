/** Something on the loopback interface that answers probes, however the test wants it. */

import { encodeMessage } from "../../lib/dhip/frame.ts";
import { openDatagrams } from "../../lib/net/udp.ts";

export interface Responder extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What arrived, in hex. */
  readonly heard: readonly string[];
}

/** The answer of a device, with its MAC outside `deviceInfo` where devices put it. */
export function deviceAnswer(info: object, mac = ""): Uint8Array {
  const params = { deviceInfo: info };
  return encodeMessage({ json: { mac, method: "client.notifyDevInfo", params } });
}

/** Answers every datagram with all of these. */
export async function startResponder(
  host: string,
  answers: readonly Uint8Array[],
): Promise<Responder> {
  const socket = await openDatagrams({ host });
  const heard: string[] = [];
  const serving = (async () => {
    for await (const { bytes, from } of socket) {
      heard.push(bytes.toHex());
      for (const answer of answers) await socket.send(answer, from);
    }
  })();
  return {
    host,
    port: socket.address.port,
    heard,
    async [Symbol.asyncDispose]() {
      socket.close();
      await serving;
    },
  };
}
