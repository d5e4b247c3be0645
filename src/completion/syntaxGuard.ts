/** Keeps a suggestion from breaking a document that parsed without it. */
import { opensBlock } from './endRules/lines';

/** What a grammar says; trees and their memory stay behind it. */
export interface SyntaxJudge {
  /** Whether a text parses without a problem; undefined where no grammar is at hand, or the text is too long. */
  parses(text: string, languageId: string): Promise<boolean | undefined>;
}

export interface GuardedPlace {
  readonly languageId: string;
  /** The document around the cursor, LF alone. */
  readonly before: string;
  readonly after: string;
}

/** Longer documents are not parsed: each try takes some milliseconds of the editor's own thread. UTF-16 units. */
export const MAX_GUARDED_UNITS = 40_000;
/** Lines that are taken away at most. */
const MAX_TRIES = 12;

/**
 * The longest beginning in whole lines with which the document still parses. A line that opens a block may stand at the
 * end: its block is what is written next.
 *
 * @param text a suggestion, LF alone
 * @returns the text itself where the document did not parse before, which is what a half-written line looks like; undefined
 *   where nothing of it fits
 */
export async function fittingPart(
  text: string,
  { languageId, before, after }: GuardedPlace,
  judge: SyntaxJudge,
): Promise<string | undefined> {
  if (before.length + text.length + after.length > MAX_GUARDED_UNITS) return text;
  if ((await judge.parses(before + after, languageId)) !== true) return text;
  const fits = async (part: string): Promise<boolean> =>
    (await judge.parses(before + part + after, languageId)) !== false;
  let part = text;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await fits(part)) return part;
    const lineStart = part.lastIndexOf('\n') + 1;
    const shorter = part.slice(0, Math.max(0, lineStart - 1)).trimEnd();
    if (opensBlock(part.slice(lineStart)) && (shorter === '' || (await fits(shorter)))) return part;
    if (shorter === '') return undefined;
    part = shorter;
  }
  return undefined;
}
