/**
 * Channel numbers: 1..N for people, from 0 on the RPC wire.
 *
 * @module
 */

/**
 * The number of a channel on the RPC wire.
 *
 * @param channel 1 is the first
 * @throws {RangeError} when it is no channel number
 */
export function wireChannel(channel: number): number {
  if (Number.isInteger(channel) && channel >= 1 && channel <= 65_536) return channel - 1;
  throw new RangeError(`No channel ${channel}; channels count from 1`);
}
