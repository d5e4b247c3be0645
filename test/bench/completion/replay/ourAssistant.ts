/** Our own completion with the real engine behind it, as the extension puts them together. */
import {
  Completer,
  DEFAULT_COMPLETER_OPTIONS,
  type CompleterOptions,
} from '../../../../src/completion/completer';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import type { Engine } from '../../../../src/inference/engine';
import type { Assistant, AssistantCost, Offered, VisitedFile } from './assistant';
import { MeteredEngine } from './meteredEngine';
import type { ReplayClock } from './replayClock';

/**
 * What the editor would know beside the document: adds to a snapshot what completion takes as context. Called for each
 * question, as the extension would gather it.
 */
export type ContextProvider = (
  document: DocumentSnapshot,
  visited: readonly VisitedFile[],
) => DocumentSnapshot | Promise<DocumentSnapshot>;

export class OurAssistant implements Assistant {
  readonly name = 'ours';
  readonly #engine: MeteredEngine;
  readonly #completer: Completer;
  #visited: readonly VisitedFile[] = [];

  /** @param context none: the document alone */
  constructor(
    engine: Engine,
    clock: ReplayClock,
    options: Partial<CompleterOptions> = {},
    private readonly context: ContextProvider = (document) => document,
  ) {
    this.#engine = new MeteredEngine(engine, clock);
    this.#completer = new Completer(this.#engine, { ...DEFAULT_COMPLETER_OPTIONS, ...options }, clock);
  }

  open(_document: DocumentSnapshot, visited: readonly VisitedFile[]): Promise<void> {
    this.#visited = visited;
    return Promise.resolve();
  }

  async suggest(document: DocumentSnapshot, signal: AbortSignal): Promise<Offered | undefined> {
    const snapshot = await this.context(document, this.#visited);
    const outcome = await this.#completer.complete(snapshot, 'automatic', signal);
    if (outcome.kind === 'suggestion') {
      return { text: outcome.text, replaced: outcome.range.end - document.offset };
    }
    if (outcome.reason === 'engine-failed') throw outcome.error;
    return undefined;
  }

  idle(): Promise<void> {
    return this.#engine.idle();
  }

  cost(): AssistantCost {
    return this.#engine.cost();
  }

  dispose(): void {
    this.#completer.dispose();
  }
}
