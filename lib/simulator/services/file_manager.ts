/**
 * `FileManager`: a download as a binary part of replies. The reference only names the methods; the
 * parameters are this simulator's choice: `downloadPiece {"fileName","offset","length"}` answers
 * `{"length","total"}` and the bytes.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { Random } from "../prng.ts";
import type { Service } from "../service.ts";

/** Path of the one file of a device: 256 KiB of noise made from its seed. */
export const SIMULATED_FILE = "/mnt/dvr/simulated.bin";

const SIZE = 262_144;
let noise: { seed: number; bytes: Uint8Array } | undefined;

/** The service. */
export const fileManagerService: Service = {
  name: "FileManager",
  methods: {
    list: ({ fields }) =>
      typeof fields.path === "string" && SIMULATED_FILE.startsWith(fields.path)
        ? ok({ infos: [{ Path: SIMULATED_FILE, Size: SIZE, Type: "file" }] })
        : ok({ infos: [] }),

    getFileNames: ({ fields }) =>
      ok({
        names: typeof fields.path === "string" && SIMULATED_FILE.startsWith(fields.path)
          ? [SIMULATED_FILE]
          : [],
      }),

    downloadPiece: ({ state, fields, nested }) => {
      const { fileName, offset, length } = fields;
      if (nested || fileName !== SIMULATED_FILE) return refuse("unknown");
      if (!count(offset) || !count(length)) return refuse("params");
      const binary = content(state.options.seed).subarray(offset, offset + length);
      return { result: true, params: { length: binary.length, total: SIZE }, binary };
    },
  },
};

function content(seed: number): Uint8Array {
  if (noise?.seed !== seed) noise = { seed, bytes: new Random(seed, 0x66696c65).bytes(SIZE) };
  return noise.bytes;
}

function count(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= SIZE;
}
