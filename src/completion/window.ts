/**
 * The part of the document that the model is shown, chosen so that it stays the same while one types.
 *
 * The engine evaluates only what differs from the previous prompt's beginning. A window that starts a fixed number
 * of tokens before the cursor would start elsewhere after every line and be evaluated anew each time. So its start is
 * an anchor: it stays until the cursor has moved a whole step away, then moves by about that step. The end of the
 * part behind the cursor stays in the same way; that part is evaluated again at each keystroke all the same (it
 * follows the typed text), but the text of it, and with it the answer, does not flicker.
 *
 * Nothing here looks further than the budget reaches, so the cost does not grow with the document.
 */
import { LRUCache } from 'lru-cache';
import { estimateTokens } from './estimateTokens';
import type { DocumentSnapshot } from './snapshot';

export interface WindowBudget {
  /** Estimated tokens before and after the cursor, at most. */
  readonly prefixTokens: number;
  readonly suffixTokens: number;
}

/** `text[start, offset)` goes before the cursor, `text[offset, end)` behind it. UTF-16 offsets. */
export interface CompletionWindow {
  readonly start: number;
  readonly end: number;
}

/** Steps in which the window's ends move, in estimated tokens, for budgets large enough. */
export const PREFIX_STEP_TOKENS = 256;
const SUFFIX_STEP_TOKENS = 32;
/** A step takes at most this part of a small budget. */
const STEPS_IN_BUDGET = 4;
/** Blanks are long tokens: look no further than this many UTF-16 units per token of the budget. */
const UNITS_PER_TOKEN = 16;
/** Lines longer than this may be cut inside, every so many units; minified files are one line. */
const PIECE_UNITS = 256;
/** So many units at an anchor tell whether it still is the same place after an edit elsewhere. */
const LANDMARK_UNITS = 64;
/** Documents whose anchors are remembered. */
const REMEMBERED_DOCUMENTS = 64;

interface Anchors {
  readonly length: number;
  readonly start: number;
  /** Text that stood right behind `start`. */
  readonly startLandmark: string;
  readonly end: number;
  /** Text that stood right before `end`. */
  readonly endLandmark: string;
}

/** Chooses windows and remembers, per document, where the last one was. */
export class WindowChooser {
  readonly #anchors = new LRUCache<string, Anchors>({ max: REMEMBERED_DOCUMENTS });

  /**
   * @returns the window around the snapshot's cursor: within the budget by estimate, starting at the beginning of a
   *   line and ending at the end of one wherever a line fits, never inside a surrogate pair or between CR and LF
   */
  choose(snapshot: DocumentSnapshot, budget: WindowBudget): CompletionWindow {
    const { uri, text, offset } = snapshot;
    const before = this.#anchors.get(uri);
    const start =
      keptStart(before, text, offset, budget.prefixTokens) ?? newStart(text, offset, budget.prefixTokens);
    const end =
      keptEnd(before, text, offset, budget.suffixTokens) ?? newEnd(text, offset, budget.suffixTokens);
    this.#anchors.set(uri, {
      length: text.length,
      start,
      startLandmark: text.slice(start, Math.min(start + LANDMARK_UNITS, offset)),
      end,
      endLandmark: text.slice(Math.max(end - LANDMARK_UNITS, offset), end),
    });
    return { start, end };
  }
}

/** How far an end moves at once, in estimated tokens. */
function stepOf(budget: number, step: number): number {
  return Math.min(step, Math.floor(budget / STEPS_IN_BUDGET));
}

/** What a newly chosen end aims at: one step below the budget, so that there is room to type. */
function targetOf(budget: number, step: number): number {
  return budget - stepOf(budget, step);
}

/** An end stays while it holds at least this: half a step less than the least that a new one would hold. */
function leastKept(budget: number, step: number): number {
  return Math.floor((targetOf(budget, step) - stepOf(budget, step)) / 2);
}

function keptStart(
  before: Anchors | undefined,
  text: string,
  offset: number,
  budget: number,
): number | undefined {
  if (before === undefined) return undefined;
  // After an edit above the window its text stands elsewhere; after one below, at the same offset.
  for (const start of [before.start, before.start + text.length - before.length]) {
    if (start < 0 || start > offset || offset - start > budget * UNITS_PER_TOKEN) continue;
    const landmark = before.startLandmark.slice(0, offset - start);
    if (!text.startsWith(landmark, start) || splitsCharacter(text, start)) continue;
    const tokens = estimateTokens(text, start, offset);
    if (tokens > budget) continue;
    if (start === 0 || tokens >= leastKept(budget, PREFIX_STEP_TOKENS)) return start;
  }
  return undefined;
}

function keptEnd(
  before: Anchors | undefined,
  text: string,
  offset: number,
  budget: number,
): number | undefined {
  if (before === undefined) return undefined;
  // Typing happens before the end, so its distance from the document's end is what mostly stays.
  for (const end of [before.end + text.length - before.length, before.end]) {
    if (end > text.length || end < offset || end - offset > budget * UNITS_PER_TOKEN) continue;
    const { endLandmark } = before;
    const landmark = endLandmark.slice(Math.max(0, endLandmark.length - (end - offset)));
    if (!text.endsWith(landmark, end) || splitsCharacter(text, end)) continue;
    const tokens = estimateTokens(text, offset, end);
    if (tokens > budget) continue;
    if (end === text.length || tokens >= leastKept(budget, SUFFIX_STEP_TOKENS)) return end;
  }
  return undefined;
}

/** The earliest line start that leaves one step of the budget free, or the document's start where all of it fits. */
function newStart(text: string, offset: number, budget: number): number {
  const from = Math.max(0, offset - budget * UNITS_PER_TOKEN);
  // A region of its own: searching the document for a line end could run through all of one long line.
  const region = text.slice(from, offset);
  if (from === 0 && estimateTokens(region) <= budget) return 0;
  const target = targetOf(budget, PREFIX_STEP_TOKENS);
  let best = region.length;
  let bestLineStart: number | undefined;
  let tokens = 0;
  let tokensAtLineStart = 0;
  for (let end = region.length; end > 0; end = best) {
    const lineStart = end < 2 ? 0 : region.lastIndexOf('\n', end - 2) + 1;
    const start = wholeCharacter(region, Math.max(lineStart, end - PIECE_UNITS));
    tokens += estimateTokens(region, start, end);
    if (tokens > target || start === end) break;
    best = start;
    if (from + start === 0 || region.charCodeAt(start - 1) === LF) {
      bestLineStart = start;
      tokensAtLineStart = tokens;
    }
  }
  // A line cut in its middle is worth it only where whole lines would fill less than half of the window.
  const wholeLines = bestLineStart !== undefined && tokensAtLineStart * 2 >= target;
  let chosen = from + (wholeLines ? (bestLineStart ?? best) : best);
  // The pieces' estimates need not add up to that of the whole.
  while (estimateTokens(text, chosen, offset) > budget) chosen = Math.ceil((chosen + offset + 1) / 2);
  return splitsCharacter(text, chosen) ? chosen + 1 : chosen;
}

/** The last line end that leaves one step of the budget free, or the document's end where all of it fits. */
function newEnd(text: string, offset: number, budget: number): number {
  const region = text.slice(offset, offset + budget * UNITS_PER_TOKEN);
  const whole = offset + region.length === text.length;
  if (whole && estimateTokens(region) <= budget) return text.length;
  const target = targetOf(budget, SUFFIX_STEP_TOKENS);
  let best = 0;
  let bestLineEnd: number | undefined;
  let tokens = 0;
  let tokensAtLineEnd = 0;
  for (let start = 0; start < region.length; start = best) {
    const lineEnd = nextLineEnd(region, start);
    const end = wholeCharacter(region, Math.min(lineEnd, start + PIECE_UNITS));
    tokens += estimateTokens(region, start, end);
    if (tokens > target || end === start) break;
    best = end;
    if (end === lineEnd) {
      bestLineEnd = end;
      tokensAtLineEnd = tokens;
    }
  }
  const wholeLines = bestLineEnd !== undefined && tokensAtLineEnd * 2 >= target;
  let chosen = offset + (wholeLines ? (bestLineEnd ?? best) : best);
  while (estimateTokens(text, offset, chosen) > budget) chosen = Math.floor((offset + chosen) / 2);
  return splitsCharacter(text, chosen) ? chosen - 1 : chosen;
}

const LF = 10;
const CR = 13;

/** The first end of a line behind `start` that is not the one at `start` itself. */
function nextLineEnd(region: string, start: number): number {
  let search = start;
  if (region.charCodeAt(search) === CR) search += 1;
  if (region.charCodeAt(search) === LF) search += 1;
  const found = region.indexOf('\n', search);
  if (found < 0) return region.length;
  return found > search && region.charCodeAt(found - 1) === CR ? found - 1 : found;
}

/** `at`, or one less where that would cut a character in two. */
function wholeCharacter(text: string, at: number): number {
  return splitsCharacter(text, at) ? at - 1 : at;
}

/** Whether the offset lies inside a surrogate pair or between CR and LF. */
export function splitsCharacter(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  if (before === CR) return after === LF;
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
