/** Asks the engine for what belongs at the cursor: the only door of this room. */
import type { Engine } from '../inference/engine';
import { EngineError, isAborted } from '../inference/errors';
import type { Clock } from './clock';
import type { CompleterOptions } from './completerOptions';
import { none, type CompletionOutcome } from './outcome';
import type { DocumentSnapshot } from './snapshot';
import type { CompletionTrace, CompletionTrigger } from './trace';

export { DEFAULT_COMPLETER_OPTIONS, type CompleterOptions } from './completerOptions';

export class Completer {
  readonly #lifetime = new AbortController();

  constructor(
    private readonly engine: Engine,
    private options: CompleterOptions,
    private readonly clock: Clock,
    private readonly onTrace?: (trace: CompletionTrace) => void,
  ) {}

  /**
   * Answers with a suggestion for the snapshot's cursor, or with the reason why there is none. Never throws for
   * trouble with the engine.
   *
   * @param trigger `automatic` waits for a pause in typing, `explicit` does not
   */
  async complete(
    snapshot: DocumentSnapshot,
    trigger: CompletionTrigger,
    signal?: AbortSignal,
  ): Promise<CompletionOutcome> {
    const startedAt = this.clock.now();
    const withdrawn = AbortSignal.any(
      signal === undefined ? [this.#lifetime.signal] : [this.#lifetime.signal, signal],
    );
    const outcome = await this.#generate(snapshot, withdrawn, startedAt);
    this.onTrace?.({
      uri: snapshot.uri,
      languageId: snapshot.languageId,
      version: snapshot.version,
      offset: snapshot.offset,
      trigger,
      result: outcome.kind === 'suggestion' ? 'suggestion' : outcome.reason,
      totalMs: this.clock.now() - startedAt,
      prepareMs: 0,
      debounceMs: 0,
      adopted: false,
      suggestedLength: outcome.kind === 'suggestion' ? outcome.text.length : 0,
    });
    return outcome;
  }

  /** Takes effect with the next call. */
  setOptions(options: CompleterOptions): void {
    this.options = options;
  }

  /** Ends what runs; later calls answer `disposed`. */
  dispose(): void {
    this.#lifetime.abort();
  }

  async #generate(
    snapshot: DocumentSnapshot,
    signal: AbortSignal,
    startedAt: number,
  ): Promise<CompletionOutcome> {
    const { text, offset } = snapshot;
    let written = '';
    try {
      const events = this.engine.generate(
        {
          prompt: [
            { special: 'fim_prefix' },
            { text: text.slice(Math.max(0, offset - 3 * this.options.maxPrefixTokens), offset) },
            { special: 'fim_suffix' },
            { text: text.slice(offset, offset + 3 * this.options.maxSuffixTokens) },
            { special: 'fim_middle' },
          ],
          maxTokens: this.options.maxNewTokens,
        },
        signal,
      );
      for await (const event of events) if (event.type === 'text') written += event.text;
    } catch (error) {
      if (signal.aborted || isAborted(error)) return none('cancelled');
      return { kind: 'none', reason: 'engine-failed', error: EngineError.from(error) };
    }
    if (written.trim() === '') return none('empty');
    return {
      kind: 'suggestion',
      text: written.trimEnd(),
      range: { start: offset, end: offset },
      source: 'engine',
      tokens: 0,
      ms: this.clock.now() - startedAt,
      endedBy: 'stop-token',
    };
  }
}
