/** What of a generated text the document can take without ceasing to be parsed. */
import { toLineFeeds } from './endOfLine';
import type { GenerationResult } from './generation';
import type { DocumentSnapshot } from './snapshot';
import { fittingPart, type SyntaxJudge } from './syntaxGuard';

/** What was ended by the clock or a limit is not whole, so nothing can be said of it. */
const UNFINISHED: ReadonlySet<string> = new Set([
  'time-is-up',
  'max-tokens',
  'context-full',
  'maximum-lines',
]);
/** What ended a text of which more was written, and its name where it is switched off. */
export const BREAKS_SYNTAX = 'breaks-syntax';

/**
 * @param suggested text for the snapshot's cursor
 * @param syntax undefined judges nothing
 * @returns the text or its beginning; undefined where nothing of it fits
 */
export async function fittingText(
  suggested: string,
  { text, offset, languageId }: DocumentSnapshot,
  syntax: SyntaxJudge | undefined,
): Promise<string | undefined> {
  if (syntax === undefined) return suggested;
  const [before, after] = [toLineFeeds(text.slice(0, offset)), toLineFeeds(text.slice(offset))];
  // A grammar that fails judges nothing.
  return fittingPart(suggested, { languageId, before, after }, syntax).catch(() => suggested);
}

/** The result with as much of its text as fits. Rejects only where `pending` does. */
export async function fittingResult(
  pending: Promise<GenerationResult>,
  snapshot: DocumentSnapshot,
  syntax: SyntaxJudge | undefined,
): Promise<GenerationResult> {
  const result = await pending;
  if (result.kind !== 'text' || UNFINISHED.has(result.endedBy)) return result;
  const part = await fittingText(result.text, snapshot, syntax);
  if (part === result.text) return result;
  const endedBy = BREAKS_SYNTAX;
  return part === undefined
    ? { kind: 'nothing', reason: BREAKS_SYNTAX, endedBy }
    : { ...result, text: part, endedBy };
}
