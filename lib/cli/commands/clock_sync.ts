import { ZONE } from "../clock_options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "many",
  description:
    "Sets the clock of devices by this computer's, and reads it back. The order leaves half the " +
    "time of the way there and back before the full second that it names. The time is written in " +
    "the zone of the device's own settings, or in this computer's when the device tells none.",
  arguments: {},
  options: { ...ZONE },
  examples: [
    { does: "One camera", line: "dhip clock sync 192.0.2.7" },
    { does: "Every camera of the config file's tag hall", line: "dhip clock sync @hall" },
    { does: "A camera whose zone is set wrong", line: "dhip clock sync 192.0.2.7 --zone local" },
  ],
  async run(context, _, { zone }) {
    const { serviceOf } = await import("../devices.ts");
    const { syncView, zoneDoubt } = await import("../clock_view.ts");
    const { signal, io, log } = context;
    return await context.each(async (device, { name }) => {
      const result = await serviceOf(device, "clock").sync({ signal, zone, now: () => io.now() });
      const doubt = zoneDoubt(result.before, io.now());
      if (doubt !== undefined) log.warning(`${name}: before, ${doubt}`);
      return result;
    }, { view: syncView });
  },
});
