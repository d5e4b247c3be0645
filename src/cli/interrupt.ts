/** Signals and a closed standard output, as one AbortSignal and the exit code that belongs to what happened. */
import { EXIT, type ExitCode } from './exitCodes';

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;

export class Interrupt {
  readonly #controller = new AbortController();
  #exitCode: ExitCode | undefined;

  /** Aborted at the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to exit with; undefined while nothing has happened. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  /** The first reason stays. */
  raise(exitCode: ExitCode): void {
    this.#exitCode ??= exitCode;
    this.#controller.abort();
  }

  /**
   * Listens until the returned function is called. A signal never ends the process here: a native run that is under
   * way would take it down with an abort, so the run is withdrawn, waited for, and then the process ends by itself.
   */
  listen(source: NodeJS.Process = process): () => void {
    const listeners = Object.entries(SIGNALS).map(([name, exitCode]) => {
      const listener = (): void => this.raise(exitCode);
      source.on(name, listener);
      return () => source.off(name, listener);
    });
    const onOutputError = (error: NodeJS.ErrnoException): void => {
      this.raise(error.code === 'EPIPE' ? EXIT.pipeClosed : EXIT.fileFailed);
    };
    source.stdout.on('error', onOutputError);
    // Nobody reads what is going on: no reason to stop.
    source.stderr.on('error', () => undefined);
    // The listener of the output stays: a pipe may report late that it was closed.
    return () => listeners.forEach((stop) => void stop());
  }
}
