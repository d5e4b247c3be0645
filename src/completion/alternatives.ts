/** Other texts for a place beside the one that is shown: the same prompt, from another first token on. */
import type { Engine, GenerateRequest } from '../inference/engine';
import type { Clock } from './clock';
import type { EndRuleContext } from './endRules/endRule';
import { Generation } from './generation';

/** Texts beside the one that is shown. */
const WANTED = 2;
/** First tokens that are tried: further ones are guesses that nobody wants. */
const LAST_CHOICE = 6;
/** A person who asks for others waits for them, but not for long, in milliseconds. */
const BUDGET_MS = 4000;
/** For each of them, from its first text on. */
const MAX_DECODE_MS = 1500;

export interface AlternativesTask {
  readonly engine: Engine;
  readonly request: GenerateRequest;
  readonly context: EndRuleContext;
  readonly clock: Clock;
  readonly endRulesOff: readonly string[] | undefined;
  /** What of a text the document's syntax bears; undefined where nothing. */
  readonly fit: (text: string) => Promise<string | undefined>;
  /** LF alone. */
  readonly shown: string;
}

/**
 * @param signal ends it with what there is
 * @returns at most two texts, likeliest first token first, each different from the others by more than blanks
 */
export async function writeAlternatives(task: AlternativesTask, signal: AbortSignal): Promise<string[]> {
  const { engine, request, context, clock, endRulesOff, fit, shown } = task;
  const from = clock.now();
  const found: string[] = [];
  const known = new Set([withoutBlanks(shown)]);
  for (let choice = 1; choice <= LAST_CHOICE && found.length < WANTED; choice++) {
    if (signal.aborted || clock.now() - from > BUDGET_MS) break;
    const other = { ...request, firstChoice: choice };
    const generation = new Generation(engine, other, context, clock, MAX_DECODE_MS, endRulesOff);
    const abort = (): void => generation.abort();
    signal.addEventListener('abort', abort);
    const result = await generation.result;
    signal.removeEventListener('abort', abort);
    if (result.kind === 'aborted' || result.kind === 'failed') break;
    // Also of what the clock has ended: half a block would have to be finished by hand.
    const text = result.kind === 'text' ? await fit(result.text) : undefined;
    if (text === undefined || known.has(withoutBlanks(text))) continue;
    known.add(withoutBlanks(text));
    found.push(text);
  }
  return found;
}

const withoutBlanks = (text: string): string => text.replace(/\s+/g, '');
