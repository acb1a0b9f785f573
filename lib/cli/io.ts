/**
 * Everything the command line takes from its surroundings and gives back. Tests inject their own.
 *
 * @module
 */

/** An output stream. */
export interface Sink {
  /** True when a person watches. */
  readonly isTerminal: boolean;
  /** Width of the terminal, 80 when there is none. */
  readonly columns: number;
  /** Height of the terminal, 24 when there is none. */
  readonly rows: number;
}

/** Standard output: results. Resolves when the reader has taken them. */
export interface ResultSink extends Sink {
  /**
   * Writes text or bytes.
   *
   * @throws {OutputClosed} when nobody reads any more, as after `| head`
   */
  write(data: string | Uint8Array): Promise<void>;
}

/** Standard error: everything else. */
export interface NoteSink extends Sink {
  /** Writes text; never throws. */
  write(text: string): void;
}

/** Standard input. */
export interface Source {
  /** True when a person types. */
  readonly isTerminal: boolean;
  /** Everything up to the end. */
  readAll(): Promise<Uint8Array>;
  /** The same as it comes; each chunk stays as it is. */
  chunks(): AsyncIterable<Uint8Array>;
  /**
   * Asks on standard error for one line that is not shown. Undefined when the input ends.
   *
   * @throws {DhipError} `DHIP_INTERRUPTED` on Ctrl-C
   */
  askSecret(question: string): Promise<string | undefined>;
  /**
   * Asks on standard error for one line. Undefined when the input ends.
   *
   * @throws {DhipError} `DHIP_INTERRUPTED` on Ctrl-C
   */
  ask(question: string): Promise<string | undefined>;
}

/** What a folder holds. */
export interface FolderEntry {
  readonly name: string;
  /** A link is `other`, whatever it leads to. */
  readonly kind: "file" | "folder" | "other";
  /** When a file was last written, in milliseconds since 1970. */
  readonly modified: number;
}

/** A file that is read and written at any place. */
export interface OpenFile extends AsyncDisposable {
  /** Length in bytes. */
  readonly length: number;
  /** Reads up to `buffer.length` bytes from `at` on; returns how many, fewer only at the end. */
  read(at: number, buffer: Uint8Array): Promise<number>;
  /** Writes all bytes at a place. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** Cuts everything behind `length` off. */
  cut(length: number): Promise<void>;
  /** Resolves when everything is on the disk. */
  sync(): Promise<void>;
}

/** The files that the user names. */
export interface Files {
  /** Reads a whole file. */
  read(path: string): Promise<Uint8Array>;
  /** Permission bits of a file, or undefined where there are none (Windows). */
  mode(path: string): Promise<number | undefined>;
  /**
   * Writes a whole file; it appears complete or not at all. A link is followed.
   *
   * @param mode permission bits of the file; with them, missing folders are made for the owner
   */
  write(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Makes a folder and those above it, as far as they are missing. */
  makeFolder(path: string): Promise<void>;
  /**
   * What a folder holds; nothing when there is no such folder.
   *
   * @param isWanted picks names; all by default. Of what is not picked the disk is not even asked
   */
  list(folder: string, isWanted?: (name: string) => boolean): Promise<readonly FolderEntry[]>;
  /** Length of a file in bytes; undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** Opens a file; it is made when it is missing. */
  open(path: string): Promise<OpenFile>;
  /** Gives a file another name, in place of the file that has it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, a link or an empty folder. */
  remove(path: string): Promise<void>;
}

/** Bounds of a program that {@linkcode CliIo.run} starts. */
export interface RunLimits {
  /** Time in milliseconds. */
  readonly timeout: number;
  /** Most bytes of its standard output. */
  readonly maxOutput: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Its standard input; by default it gets none. */
  readonly input?: Uint8Array;
  /** Keeps the environment variables that give dhip its passwords from it. */
  readonly withoutPasswords?: true;
}

/** How a program ended. */
export interface RunResult {
  /** What ended it. */
  readonly end: "exit" | "timeout" | "output";
  readonly code: number;
  readonly stdout: Uint8Array;
  /** The end of what it wrote to standard error, as text. */
  readonly stderr: string;
}

/** Surroundings of one run. */
export interface CliIo {
  readonly stdout: ResultSink;
  readonly stderr: NoteSink;
  readonly stdin: Source;
  readonly files: Files;
  /** An environment variable. */
  env(name: string): string | undefined;
  /**
   * Runs a program: a list as it is, a text by the shell.
   *
   * @throws {DhipError} `DHIP_INTERRUPTED`
   * @throws {Error} when it cannot be started
   */
  run(command: string | readonly string[], limits: RunLimits): Promise<RunResult>;
  /**
   * Runs a program with this one's terminal, input and output, and without the variables that give
   * dhip its passwords. Aborting gives it a moment to end by itself, as after Ctrl-C.
   *
   * @returns its exit code; 128 and more for one that a signal ended
   * @throws {Error} when it cannot be started
   */
  attach(command: string, signal: AbortSignal): Promise<number>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly interrupt: AbortSignal;
  /**
   * From now on a closed terminal or a dropped ssh connection (SIGHUP) aborts `interrupt` too. Only
   * for what must not be left behind: it overrides `nohup`.
   */
  heedHangUp(): void;
  /** Wall-clock time in milliseconds since 1970. */
  now(): number;
  /** Runtime and platform, for `--version`. */
  readonly platform: string;
}

/** Nobody reads standard output any more. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}
