/** Work of the engine that only saves time later: prompts that are evaluated before anyone asks. */
import type { Engine, GenerateRequest } from '../inference/engine';
import type { Clock } from './clock';

/**
 * Nobody has typed for so long that the suffix can be evaluated again in peace, in milliseconds: longer than a pause
 * between two lines mostly is.
 */
export const IDLE_MS = 1500;

/**
 * Has the engine evaluate the prompt of a request that may follow, while a pause in typing is waited for. The request
 * then goes on behind what has been evaluated. Nothing depends on how it ends: what went wrong shows with the request
 * itself, and chunks that were evaluated before any other request came stay in the KV cache.
 *
 * Loads no model: who only types does not ask for that.
 *
 * @param signal ends it at the next chunk
 */
export async function prefillEarly(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<void> {
  const { state } = engine.status;
  if (state !== 'ready' && state !== 'working') return;
  try {
    for await (const event of engine.generate({ ...request, maxTokens: 0, speculative: true }, signal))
      void event;
  } catch {
    // See above.
  }
}

/**
 * Evaluates a suffix that is being kept afresh while nobody types (`GenerateRequest.keepSuffix`): what has been typed
 * since it was evaluated is then behind it no more, and the keystroke that would have had to evaluate all of it does not.
 */
export class IdleRenewal {
  #abort: AbortController | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly clock: Clock,
  ) {}

  /** A key was typed, or something else is asked of the engine. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /** @param requestHere what would be asked at the cursor; undefined where something else is under way */
  async whenIdle(requestHere: () => GenerateRequest | undefined): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    await this.clock.sleep(IDLE_MS, signal);
    const request = signal.aborted ? undefined : requestHere();
    if (request?.keepSuffix !== true) return;
    await prefillEarly(this.engine, { ...request, keepSuffix: 'renew' }, signal);
  }
}
