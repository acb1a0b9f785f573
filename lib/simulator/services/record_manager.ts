/**
 * `recordManager`: recording by hand. What it does stands in the table `RecordMode`.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { type Call, channelOf, type Service } from "../service.ts";
import { records, switchRecording } from "../storage.ts";

/** The service. */
export const recordManagerService: Service = {
  name: "recordManager",
  adminOnly: ["start", "stop", "startChannel", "stopChannel"],
  methods: {
    getCaps: ({ state }) =>
      ok({
        caps: {
          MaxPreRecordTime: 30,
          PacketLengthRange: [1, 60],
          PacketSizeRange: [131_072, 2_097_152],
          SupportExtraRecordMode: true,
          SupportHoliday: true,
          SupportPacketType: ["Time"],
          SupportResumeTransmit: false,
          Channels: state.options.channels,
        },
      }),
    getState: (call) => {
      const channel = channelOf(call);
      return channel === undefined
        ? refuse("unknown")
        : ok({ state: records(call.state, channel) });
    },
    start: (call) => turn(call, everyChannel(call), true),
    stop: (call) => turn(call, everyChannel(call), false),
    startChannel: (call) => turn(call, channelOf(call), true),
    stopChannel: (call) => turn(call, channelOf(call), false),
  },
};

const everyChannel = ({ state }: Call) => [...Array(state.options.channels).keys()];

function turn({ state }: Call, channels: number | number[] | undefined, on: boolean): Answer {
  if (channels === undefined) return refuse("unknown");
  return switchRecording(state, [channels].flat(), on) ? ok() : refuse("unknown");
}
