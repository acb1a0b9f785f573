/**
 * Which depacketiser a stream needs.
 *
 * @module
 */

import { AacDepacketizer } from "./_aac.ts";
import { NalDepacketizer } from "./_nal.ts";
import type { RtpPacket } from "./rtp.ts";
import type { Depacketizer, RtpUnit } from "./rtp_unit.ts";
import type { SdpMedia } from "./sdp.ts";

/** The depacketiser of a stream; undefined for an encoding that dhip does not know. */
export function depacketizerOf(media: SdpMedia): Depacketizer | undefined {
  switch (media.encoding) {
    case "H264":
      return new NalDepacketizer("h264");
    case "H265":
      // Numbers of the decoding order stand only where a sender changes the order (RFC 7798, 7.1).
      return new NalDepacketizer("h265", Number(media.parameters.get("sprop-max-don-diff")) > 0);
    case "MPEG4-GENERIC":
      return AacDepacketizer.of(media);
    case "PCMA":
    case "PCMU":
      return new PlainDepacketizer();
    default:
      return undefined;
  }
}

/** Samples: each packet is a unit, and how much was lost shows in the timestamps. */
class PlainDepacketizer implements Depacketizer {
  push({ timestamp, payload }: RtpPacket, lost: number): RtpUnit[] {
    return payload.length === 0 ? [] : [{ timestamp, data: payload.slice(), damaged: lost > 0 }];
  }

  flush(): RtpUnit[] {
    return [];
  }
}
