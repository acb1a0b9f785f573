/** Live streams over RTSP. */

import { rtspPath } from "../../media/rtsp/paths.ts";
import type { RtspStream } from "../../media/rtsp/rtsp_stream.ts";
import type { RtspAccess } from "./rtsp_access.ts";
import type { LiveChoice, LiveSource } from "./_source.ts";

/** RTSP, which every device has unless somebody closed the port. */
export class RtspSource implements LiveSource {
  readonly name = "rtsp";
  readonly #link: RtspAccess;

  /** Plays over the given link. */
  constructor(link: RtspAccess) {
    this.#link = link;
  }

  /** See {@linkcode LiveSource.open}. */
  open(choice: LiveChoice): Promise<RtspStream> {
    const { rtspTemplate = "dahua", rtspPort: port, rtspTransport: transport, audio } = choice;
    const { signal, timeout, idleTimeout, onNotice } = choice;
    return this.#link.openRtsp({
      path: rtspPath(rtspTemplate, choice),
      port,
      transport,
      kinds: audio === false ? ["video"] : ["video", "audio"],
      signal,
      timeout,
      idleTimeout,
      onNotice,
    });
  }
}
