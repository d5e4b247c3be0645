/** Has the files of the loaded model read in full when nobody has asked the engine anything for a while. */
import type { Clock } from '../completion/clock';
import { EngineError, isAborted } from '../inference/errors';
import type { LoadOptions } from '../inference/protocol';
import { verifyModelWhenIdle } from '../inference/store/verifyModelWhenIdle';
import type { DisposableLike } from './disposables';
import type { EngineService } from './engineService';

/** The engine has to be left alone for so long first, in milliseconds. */
const QUIET_MS = 90_000;

export interface IdleVerificationDeps {
  readonly engines: Pick<EngineService, 'status' | 'onStatus'>;
  readonly plan: () => Promise<LoadOptions>;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Default: the real one. */
  readonly verify?: typeof verifyModelWhenIdle;
}

export class IdleVerification implements DisposableLike {
  readonly #listening: DisposableLike;
  /** The wait or the check that is under way; ended when the model goes. */
  #waiting: AbortController | undefined;

  constructor(private readonly deps: IdleVerificationDeps) {
    this.#listening = deps.engines.onStatus(({ state }) => {
      if (state === 'ready') this.#begin();
      else if (state !== 'working') this.#end();
    });
  }

  dispose(): void {
    this.#listening.dispose();
    this.#end();
  }

  #begin(): void {
    if (this.#waiting !== undefined) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#run(waiting.signal)
      .catch((error: unknown) => {
        if (!isAborted(error)) this.deps.log(`idle check: ${EngineError.from(error).message}`);
      })
      .finally(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
  }

  #end(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { engines, plan, log, verify = verifyModelWhenIdle } = this.deps;
    if (!(await this.#quiet(signal))) return;
    const { status } = engines;
    if (status.state !== 'ready') return;
    const { modelPath, cacheDir } = await plan();
    const damaged = await verify(
      { modelPath, cacheDir, variant: status.model.variant },
      { signal, isIdle: () => engines.status.state === 'ready' },
    );
    for (const { path } of damaged)
      log(`idle check: ${path} is damaged; it is looked after at the next load.`);
  }

  /** Waits until the engine has been ready, without a request, for a while. @returns false when that was given up */
  async #quiet(signal: AbortSignal): Promise<boolean> {
    const { engines, clock } = this.deps;
    let last = clock.now();
    const listening = engines.onStatus(() => (last = clock.now()));
    try {
      for (;;) {
        const rest = last + QUIET_MS - clock.now();
        if (rest <= 0) return true;
        await clock.sleep(rest, signal);
        if (signal.aborted) return false;
      }
    } finally {
      listening.dispose();
    }
  }
}
