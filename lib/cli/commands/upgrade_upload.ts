import { command } from "../spec.ts";
import { duration } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Sends firmware to a device and has it installed. Without --confirm it shows size and SHA-256 " +
    "of the image and what the device runs, and sends nothing. Take the image from the vendor, for " +
    "exactly this model: a wrong one may leave the device dead. The way in which the image travels " +
    "was read from one device's program and was never seen at work on a real one.",
  arguments: {
    file: { value: "FILE", summary: "Image, as the vendor gives it out", offers: "file" },
  },
  options: {
    confirm: { summary: "Send and install it" },
    sha256: {
      value: "HEX",
      summary: "SHA-256 that the image must have, as its vendor names it",
    },
    wait: { summary: "Wait until the device is back, and show the firmware it then runs" },
    waitLimit: {
      value: "TIME",
      type: duration,
      default: 900_000,
      otherwise: "15m",
      summary: "Longest wait for the installation and for the device, in seconds or with a unit",
    },
  },
  examples: [
    { does: "See what would be sent", line: "dhip upgrade upload 192.0.2.7 firmware.bin" },
    {
      does: "Install it, and see what runs afterwards",
      line: "dhip upgrade upload 192.0.2.7 firmware.bin --confirm --wait",
    },
  ],
  async run(context, { file }, options) {
    const { uploadWork } = await import("../upgrade_work.ts");
    const { uploadView } = await import("../upgrade_view.ts");
    return await context.each(await uploadWork(context, file, options), { view: uploadView });
  },
});
