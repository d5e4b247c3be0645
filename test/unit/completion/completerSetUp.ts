import {
  Completer,
  DEFAULT_COMPLETER_OPTIONS,
  type CompleterOptions,
} from '../../../src/completion/completer';
import type { CompletionOutcome } from '../../../src/completion/outcome';
import type { CompletionTrace } from '../../../src/completion/trace';
import { FakeClock } from './fakeClock';
import { ScriptedEngine } from './scriptedEngine';

export const DEBOUNCE = DEFAULT_COMPLETER_OPTIONS.debounceMs;

/** A completer with an engine and a clock that obey the test. */
export function setUp(options: Partial<CompleterOptions> = {}): {
  engine: ScriptedEngine;
  clock: FakeClock;
  completer: Completer;
  traces: CompletionTrace[];
} {
  const engine = new ScriptedEngine();
  const clock = new FakeClock();
  const traces: CompletionTrace[] = [];
  const completer = new Completer(
    engine,
    { ...DEFAULT_COMPLETER_OPTIONS, ahead: false, ...options },
    clock,
    (trace) => traces.push(trace),
  );
  return { engine, clock, completer, traces };
}

/** The suggestion's text, or the reason in brackets. */
export const shown = (outcome: CompletionOutcome): string =>
  outcome.kind === 'suggestion' ? outcome.text : `(${outcome.reason})`;
