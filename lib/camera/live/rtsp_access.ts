/**
 * What can play RTSP streams of a device.
 *
 * @module
 */

import type { RtspStream, RtspStreamOptions } from "../../media/rtsp/rtsp_stream.ts";

/** A way to the RTSP port, with an account. */
export interface RtspAccess {
  /** Plays a stream with the device's account. Its caller closes it. */
  openRtsp(options: RtspStreamOptions): Promise<RtspStream>;
}
