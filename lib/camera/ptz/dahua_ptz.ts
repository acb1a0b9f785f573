/**
 * The head of a Dahua camera.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { DhipError } from "../../errors.ts";
import { sleep } from "../../net/deadline.ts";
import { object } from "../_fields.ts";
import type { DahuaLink } from "../link.ts";
import { isRefusal, PtzCaller } from "./caller.ts";
import { DahuaPatterns, DahuaPresets, DahuaScans, DahuaTours } from "./dahua_memory.ts";
import {
  checkAim,
  checkDuration,
  checkedAux,
  checkedSpeed,
  checkMotion,
  checkPoint,
  checkStep,
} from "./limits.ts";
import type { PatternService, PresetService, ScanService, TourService } from "./memory.ts";
import { RunningMovement } from "./movement.ts";
import type { PtzOptions, PtzSpeedOptions } from "./options.ts";
import * as orders from "./orders.ts";
import type {
  Aim,
  Arrival,
  Motion,
  Movement,
  PicturePoint,
  PtzCapabilities,
  PtzPosition,
  PtzService,
  PtzStatus,
  SettleOptions,
} from "./ptz.ts";
import {
  checkedScale,
  type PtzScale,
  readCapabilities,
  readMoving,
  readProtocols,
  readStatus,
  readZoom,
} from "./report.ts";
import { settle } from "./settle.ts";

/**
 * {@linkcode PtzService} of a Dahua device.
 *
 * ```ts
 * import { DahuaCamera } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret" });
 * const [device] = simulator.devices;
 * await using camera = await DahuaCamera.connect(`${device!.host}:${device!.dhipPort}`, {
 *   password: "secret",
 * });
 * {
 *   await using _movement = await camera.ptz.move("left-up", { speed: 2 });
 *   // Whatever happens here, the camera stops at the end of the block.
 * }
 * const ordered = await camera.ptz.goto({ pan: 5, tilt: 30, zoom: 1 }, { speed: 8 });
 * const { position, arrived } = await camera.ptz.settle({ aim: ordered });
 * console.log(position?.pan, arrived);
 * ```
 */
export class DahuaPtz implements PtzService {
  /** See {@linkcode PtzService.presets}. */
  readonly presets: PresetService;
  /** See {@linkcode PtzService.tours}. */
  readonly tours: TourService;
  /** See {@linkcode PtzService.patterns}. */
  readonly patterns: PatternService;
  /** See {@linkcode PtzService.scans}. */
  readonly scans: ScanService;
  readonly #caller: PtzCaller;
  readonly #scale: PtzScale;
  readonly #running = new Set<RunningMovement>();

  /**
   * Speaks over the link.
   *
   * @throws {RangeError} when a part of the scale is not above 0
   */
  constructor(link: DahuaLink, scale: PtzScale = {}) {
    this.#caller = new PtzCaller(link);
    this.#scale = checkedScale(scale);
    this.presets = new DahuaPresets(this.#caller);
    this.tours = new DahuaTours(this.#caller);
    this.patterns = new DahuaPatterns(this.#caller);
    this.scans = new DahuaScans(this.#caller);
  }

  /** See {@linkcode PtzService.move}. */
  async move(motion: Motion, options: PtzSpeedOptions = {}): Promise<Movement> {
    checkMotion(motion);
    return await this.#begin(orders.motionOrder(motion, checkedSpeed(options.speed)), options);
  }

  /** See {@linkcode PtzService.moveFor}. */
  async moveFor(motion: Motion, duration: number, options: PtzSpeedOptions = {}): Promise<void> {
    checkDuration(duration);
    await this.#last(await this.move(motion, options), duration, options);
  }

  /**
   * Starts any code of `ptz.start`, waits, and stops it: what python-dhip does with a word that it
   * does not know.
   *
   * @param code the device's own word, for example `AutoPanOn`; letters and digits
   * @param args arg1 to arg3; 0 where there are fewer
   * @param duration in milliseconds
   * @throws {RangeError} for a code or a duration that cannot be
   * @throws {DhipError} as {@linkcode PtzService.moveFor}
   */
  async runCode(
    code: string,
    args: readonly number[],
    duration: number,
    options: PtzOptions = {},
  ): Promise<void> {
    checkDuration(duration);
    if (!/^[a-z]\w{0,63}$/i.test(code)) throw new RangeError("A code has letters and digits only");
    await this.#last(await this.#begin(orders.codeOrder(code, args), options), duration, options);
  }

  /** See {@linkcode PtzService.stop}. */
  async stop(options: PtzOptions = {}): Promise<void> {
    const { channel = 1 } = options;
    // All at once: what moves shall not move on while a way that the device does not know times out.
    const outcomes = await Promise.allSettled(
      [...orders.HALT_TURN, ...orders.HALT_LENS]
        .map((way) => this.#caller.carryOut(way, channel, options)),
    );
    const failures = outcomes.slice(0, orders.HALT_TURN.length)
      .flatMap((outcome) => outcome.status === "rejected" ? [outcome.reason] : []);
    if (failures.length < orders.HALT_TURN.length) return;
    throw failures.find((failure) => !isRefusal(failure)) ?? failures[0];
  }

  /** See {@linkcode PtzService.goto}. */
  async goto(aim: Aim, options: PtzSpeedOptions = {}): Promise<Aim> {
    checkAim(aim);
    const speed = checkedSpeed(options.speed);
    const full = await this.#filledIn(aim, options);
    await this.#send(orders.gotoOrder(full, speed), options);
    return full;
  }

  /** See {@linkcode PtzService.moveBy}. */
  async moveBy(step: Aim, options: PtzSpeedOptions = {}): Promise<void> {
    checkStep(step);
    await this.#send(orders.stepOrder(step, checkedSpeed(options.speed)), options);
  }

  /** See {@linkcode PtzService.locate}. */
  async locate(point: PicturePoint, options: PtzSpeedOptions = {}): Promise<void> {
    checkPoint(point);
    await this.#send(orders.locateOrder(point, checkedSpeed(options.speed)), options);
  }

  /** See {@linkcode PtzService.goHome}. */
  goHome(options: PtzOptions = {}): Promise<void> {
    return this.#send(orders.GO_HOME, options);
  }

  /** See {@linkcode PtzService.setHome}. */
  setHome(options: PtzOptions = {}): Promise<void> {
    return this.#send(orders.SET_HOME, options);
  }

  /** See {@linkcode PtzService.reset}. */
  reset(options: PtzOptions = {}): Promise<void> {
    return this.#send(orders.RESET, options);
  }

  /** See {@linkcode PtzService.restart}. */
  restart(options: PtzOptions = {}): Promise<void> {
    return this.#send(orders.RESTART, options);
  }

  /** See {@linkcode PtzService.switchAux}. */
  async switchAux(name: string, on: boolean, options: PtzOptions = {}): Promise<void> {
    await this.#send(orders.auxOrder(checkedAux(name), on), options);
  }

  /** See {@linkcode PtzService.status}. */
  async status(options: PtzOptions = {}): Promise<PtzStatus> {
    const status = readStatus(await this.rawStatus(options), this.#scale);
    const { position } = status;
    if (position === null || position.zoom !== null) return status;
    const zoom = readZoom(await this.#askIfKnown("getZoomValue", options));
    return { ...status, position: { ...position, zoom } };
  }

  /** The status in the device's own words. */
  async rawStatus(options: PtzOptions = {}): Promise<JsonObject> {
    const answer = object(await this.#ask("getStatus", options));
    return object(answer.status ?? answer);
  }

  /** See {@linkcode PtzService.isMoving}. */
  async isMoving(options: PtzOptions = {}): Promise<boolean | null> {
    return readMoving(await this.#askIfKnown("isMoving", options)) ??
      readStatus(await this.rawStatus(options), this.#scale).moving;
  }

  /** See {@linkcode PtzService.capabilities}. */
  async capabilities(options: PtzOptions = {}): Promise<PtzCapabilities> {
    const caps = object(await this.#ask("getCurrentProtocolCaps", options));
    const protocol = await this.#askIfKnown("getProtocol", options);
    const protocols = readProtocols(await this.#askIfKnown("getProtocolList", options));
    return readCapabilities(object(caps.caps ?? caps), protocol, protocols);
  }

  /** See {@linkcode PtzService.settle}. */
  settle(options: SettleOptions = {}): Promise<Arrival> {
    const { host, clock } = this.#caller.link;
    return settle({
      host,
      clock,
      status: () => this.status(options),
      isMoving: () => this.isMoving(options),
    }, options);
  }

  /** Stops what this object has set in motion. Never fails: whoever holds a movement hears of it. */
  async release(): Promise<void> {
    await Promise.allSettled([...this.#running].map((movement) => movement.stop()));
  }

  async #begin(order: orders.Order, options: PtzSpeedOptions): Promise<Movement> {
    const movement = new RunningMovement(this.#caller, order, options.channel ?? 1);
    this.#running.add(movement);
    movement.ended.then(() => this.#running.delete(movement));
    await movement.begin(order, options);
    return movement;
  }

  /** Waits until the time is over, the caller interrupts, or the link is lost; then stops. */
  async #last(movement: Movement, duration: number, { signal }: PtzOptions): Promise<void> {
    const { clock } = this.#caller.link;
    const awake = new AbortController();
    const wait = sleep(
      duration,
      signal === undefined ? awake.signal : AbortSignal.any([signal, awake.signal]),
      clock,
    );
    wait.catch(() => {}); // a link that was lost first takes it back
    try {
      const lost = await Promise.race([wait, movement.ended]);
      if (lost !== undefined) throw lost;
    } finally {
      awake.abort();
      await movement.stop();
    }
  }

  /** What was left out, as it is now. A zoom that is not told is 0, as python-dhip sends it. */
  async #filledIn(aim: Aim, options: PtzOptions): Promise<orders.FullAim> {
    const { pan, tilt, zoom } = aim;
    if (pan !== undefined && tilt !== undefined && zoom !== undefined) return { pan, tilt, zoom };
    const position = await this.#positionIfTold(options);
    if (position === null && (pan === undefined || tilt === undefined)) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "The camera does not tell where it looks", {
        host: this.#caller.link.host,
        hint: "Give both, pan and tilt.",
      });
    }
    return {
      pan: pan ?? position!.pan % 360,
      tilt: tilt ?? position!.tilt,
      zoom: zoom ?? position?.zoom ?? 0,
    };
  }

  async #positionIfTold(options: PtzOptions): Promise<PtzPosition | null> {
    try {
      return (await this.status(options)).position;
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  async #send(order: orders.Order, options: PtzOptions): Promise<void> {
    await this.#caller.send(order, options.channel ?? 1, options);
  }

  #ask(method: string, options: PtzOptions): Promise<unknown> {
    return this.#caller.ask(method, options.channel ?? 1, options);
  }

  async #askIfKnown(method: string, options: PtzOptions): Promise<unknown> {
    try {
      return await this.#ask(method, options);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }
}
