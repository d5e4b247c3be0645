/** Our own completion with the real engine behind it, as the extension puts them together. */
import {
  Completer,
  DEFAULT_COMPLETER_OPTIONS,
  type CompleterOptions,
} from '../../../../src/completion/completer';
import type { Syntax } from '../../../../src/assist/syntax/syntax';
import { ContextKeeper, type ContextInput } from '../../../../src/completion/context/contextKeeper';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import type { Engine, GenerateRequest } from '../../../../src/inference/engine';
import type { Assistant, AssistantCost, Offered } from './assistant';
import { MeteredEngine } from './meteredEngine';
import type { ReplayClock } from './replayClock';

/** What the editor would know beside the document when it is opened. */
export type GatherContext = (document: DocumentSnapshot) => Promise<ContextInput>;

export class OurAssistant implements Assistant {
  readonly name = 'ours';
  readonly #engine: MeteredEngine;
  readonly #completer: Completer;
  readonly #keeper = new ContextKeeper();

  #accepted = false;

  /** @param gather none: the document alone */
  constructor(
    engine: Engine,
    private readonly clock: ReplayClock,
    syntax: Syntax,
    options: Partial<CompleterOptions> = {},
    private readonly gather?: GatherContext,
    onAnswered?: (request: GenerateRequest, generated: number) => void,
  ) {
    this.#engine = new MeteredEngine(engine, clock, onAnswered);
    const all = { ...DEFAULT_COMPLETER_OPTIONS, ...options };
    const judge = {
      parses: (text: string, languageId: string) => held(clock, syntax.parses(text, languageId)),
    };
    this.#completer = new Completer(this.#engine, all, clock, undefined, this.#keeper, judge);
  }

  async open(document: DocumentSnapshot): Promise<void> {
    if (this.gather !== undefined) this.#keeper.refresh(await held(this.clock, this.gather(document)));
  }

  async suggest(document: DocumentSnapshot, signal: AbortSignal): Promise<Offered | undefined> {
    const { text, offset } = document;
    const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
    const atOnce = this.#accepted || line.trim() === '';
    this.#accepted = false;
    const outcome = await this.#completer.complete(document, 'automatic', signal, { atOnce });
    if (outcome.kind === 'suggestion') {
      const { range, probabilities = [], endedBy } = outcome;
      return { text: outcome.text, replaced: range.end - offset, probabilities, endedBy };
    }
    if (outcome.reason === 'engine-failed') throw outcome.error;
    return undefined;
  }

  accepted(): void {
    this.#accepted = true;
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

/** Time is real meanwhile. */
async function held<T>(clock: ReplayClock, work: Promise<T>): Promise<T> {
  const release = clock.hold();
  try {
    return await work;
  } finally {
    release();
  }
}
