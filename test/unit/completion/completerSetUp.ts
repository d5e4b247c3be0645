import {
  Completer,
  DEFAULT_COMPLETER_OPTIONS,
  type CompleterOptions,
} from '../../../src/completion/completer';
import type { ContextProvider } from '../../../src/completion/context/contextKeeper';
import type { CompletionOutcome } from '../../../src/completion/outcome';
import type { CompletionTrace } from '../../../src/completion/trace';
import type { SyntaxJudge } from '../../../src/completion/syntaxGuard';
import { FakeClock } from './fakeClock';
import { ScriptedEngine } from './scriptedEngine';

export const DEBOUNCE = DEFAULT_COMPLETER_OPTIONS.debounceMs;

/** A completer with an engine and a clock that obey the test. */
export function setUp(
  options: Partial<CompleterOptions> = {},
  context?: ContextProvider,
  syntax?: SyntaxJudge,
): {
  engine: ScriptedEngine;
  clock: FakeClock;
  completer: Completer;
  traces: CompletionTrace[];
} {
  const engine = new ScriptedEngine();
  const clock = new FakeClock();
  const traces: CompletionTrace[] = [];
  const all = { ...DEFAULT_COMPLETER_OPTIONS, early: false, ahead: false, ...options };
  const completer = new Completer(engine, all, clock, (trace) => traces.push(trace), context, syntax);
  return { engine, clock, completer, traces };
}

/** The suggestion's text, or the reason in brackets. */
export const shown = (outcome: CompletionOutcome): string =>
  outcome.kind === 'suggestion' ? outcome.text : `(${outcome.reason})`;
