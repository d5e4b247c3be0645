/**
 * Results on standard output, everything else on standard error: there a status line that is written over where a
 * person looks on, every step as a line with `--verbose`, and otherwise a line now and then.
 */

/** The part of a stream that is needed here. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Without a terminal and `--verbose`, a status is written at most this often, in milliseconds. */
const SPARSE_MS = 10_000;
/** A status line is written over at most this often, in milliseconds. */
const LIVE_MS = 100;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\u001b[K';

export class Terminal {
  verbose = false;
  #statusShown = false;
  #lastStatusAt: number;

  /** @param now milliseconds on a clock that never goes back */
  constructor(
    private readonly out: TerminalStream,
    private readonly err: TerminalStream,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#lastStatusAt = this.now();
  }

  /** A result, as it is. */
  result(text: string): void {
    this.clearStatus();
    this.out.write(text);
  }

  /** A line for the person. */
  note(line: string): void {
    this.clearStatus();
    this.err.write(`${line}\n`);
  }

  /** A line for a person who wants to know more. */
  detail(line: string): void {
    if (this.verbose) this.note(line);
  }

  /** How far things are; the next status takes its place. */
  status(line: string): void {
    const since = this.now() - this.#lastStatusAt;
    if (this.err.isTTY === true) {
      if (this.#statusShown && since < LIVE_MS) return;
      this.err.write(CLEAR_LINE + line.slice(0, (this.err.columns || DEFAULT_COLUMNS) - 1));
      this.#statusShown = true;
    } else if (this.verbose || since >= SPARSE_MS) {
      this.err.write(`${line}\n`);
    } else {
      return;
    }
    this.#lastStatusAt = this.now();
  }

  /** Takes the status line away. */
  clearStatus(): void {
    if (!this.#statusShown) return;
    this.#statusShown = false;
    this.err.write(CLEAR_LINE);
  }
}
