/**
 * Which chunks a prompt shows, and in which order.
 *
 * The engine evaluates anew what stands behind the first difference to the last prompt. So a chunk keeps its place
 * while it stays, new ones come behind the others, nearest to the file itself, and one chunk must be clearly better
 * than another to take its place.
 */
import { estimateTokens } from '../estimateTokens';
import {
  chunkKey,
  chunksOverlap,
  CONTEXT_SOURCES,
  type ContextChunk,
  type ContextSource,
} from './contextChunk';
import type { ScoredChunk } from './similarity';

/** A chunk of a prompt. */
export interface PlacedChunk {
  readonly chunk: ContextChunk;
  readonly key: string;
  /** Estimated, with its path and what separates it. */
  readonly tokens: number;
  readonly score: number;
  readonly pinned: boolean;
}

export interface ChoiceLimits {
  /** Estimated tokens of all chunks together. */
  readonly maxTokens: number;
  /** Keys of chunks that a person wants to stay. */
  readonly pinned: ReadonlySet<string>;
  /** The document itself: its chunks come last, since they go when the window reaches them. */
  readonly uri: string;
}

/** A similar piece enters with this score and stays with the lower one. Small models are distracted by what is not. */
export const ENTER_SCORE = 0.22;
export const STAY_SCORE = 0.14;
/** A similar piece takes the place of another when it is so many times as similar. */
const CLEARLY_BETTER = 1.5;
/** Similar pieces at most: the first ones help, further ones distract. */
const MAX_SIMILAR = 4;
/** Part of the budget that chunks of a source may take together. */
const SHARES: Readonly<Record<ContextSource, number>> = {
  imports: 0.5,
  signature: 0.3,
  open: 0.75,
  visited: 0.75,
  changed: 0.75,
  'recent-edit': 0.3,
  diagnostic: 0.1,
};

/**
 * @param before the last choice for the same document, in its order
 * @param candidates what there is now, with scores from 0 to 1
 */
export function chooseChunks(
  before: readonly PlacedChunk[],
  candidates: readonly ScoredChunk[],
  limits: ChoiceLimits,
): PlacedChunk[] {
  const known = new Map(before.map((placed) => [placed.key, placed]));
  const offered = candidates
    .flatMap((candidate) => fitted(candidate, limits))
    .sort((a, b) => priority(b) - priority(a) || inOrder(a, b, limits.uri));
  const stays = (one: PlacedChunk): boolean => known.get(one.key)?.chunk.text === one.chunk.text;
  const choice = new Choice(limits.maxTokens);
  for (const one of offered) if (stays(one)) choice.add(one);
  for (const one of offered) {
    if (stays(one) || (isSimilar(one) && !one.pinned && one.score < ENTER_SCORE)) continue;
    if (!choice.add(one)) choice.addInstead(one);
  }
  const chosen = choice.chunks;
  const kept = before.flatMap(({ key }) => chosen.filter((one) => one.key === key && stays(one)));
  return [...kept, ...chosen.filter((one) => !stays(one)).sort((a, b) => inOrder(a, b, limits.uri))];
}

/** Those of a choice that fit into fewer tokens, in the same order. */
export function fittingChunks(chosen: readonly PlacedChunk[], maxTokens: number): PlacedChunk[] {
  if (chosen.reduce((sum, { tokens }) => sum + tokens, 0) <= maxTokens) return [...chosen];
  let left = maxTokens;
  const fitting = new Set<PlacedChunk>();
  for (const one of [...chosen].sort((a, b) => priority(b) - priority(a))) {
    if (one.tokens > left) continue;
    left -= one.tokens;
    fitting.add(one);
  }
  return chosen.filter((one) => fitting.has(one));
}

/** What a chunk costs in a prompt, by estimate. */
export const chunkTokens = ({ path, text }: Pick<ContextChunk, 'path' | 'text'>): number =>
  1 + estimateTokens(`${path}\n${text}\n`);

class Choice {
  readonly chunks: PlacedChunk[] = [];

  constructor(private readonly maxTokens: number) {}

  /** @returns false where it does not fit */
  add(one: PlacedChunk): boolean {
    if (!this.#fits(one, this.chunks)) return false;
    this.chunks.push(one);
    return true;
  }

  /** Takes it in place of one that is clearly worth less: of its own kind, or else of the similar pieces. */
  addInstead(one: PlacedChunk): void {
    const own = (other: PlacedChunk): boolean => groupOf(other.chunk.source) === groupOf(one.chunk.source);
    for (const accept of [own, isSimilar]) {
      const weakest = this.chunks
        .filter((other) => accept(other) && !other.pinned && beats(one, other))
        .reduce<PlacedChunk | undefined>(
          (least, other) => (least !== undefined && least.score <= other.score ? least : other),
          undefined,
        );
      const others = this.chunks.filter((other) => other !== weakest);
      if (weakest === undefined || !this.#fits(one, others)) continue;
      this.chunks.splice(0, this.chunks.length, ...others, one);
      return;
    }
  }

  #fits(one: PlacedChunk, others: readonly PlacedChunk[]): boolean {
    if (others.some((other) => other.key === one.key || chunksOverlap(other.chunk, one.chunk))) return false;
    if (tokensOf(others) + one.tokens > this.maxTokens) return false;
    if (one.pinned) return true;
    const alike = others.filter(({ chunk }) => groupOf(chunk.source) === groupOf(one.chunk.source));
    if (isSimilar(one) && alike.length >= MAX_SIMILAR) return false;
    return tokensOf(alike) + one.tokens <= this.maxTokens * SHARES[one.chunk.source];
  }
}

/** Cut to whole lines that fit the share of its source; nothing where not even the first line does. */
function fitted({ chunk, score }: ScoredChunk, { maxTokens, pinned }: ChoiceLimits): PlacedChunk[] {
  const key = chunkKey(chunk);
  const isPinned = pinned.has(key);
  const most = isPinned ? maxTokens : maxTokens * SHARES[chunk.source];
  const lines = chunk.text.split('\n');
  let count = lines.length;
  let cut = chunk;
  let tokens = chunkTokens(chunk);
  while (tokens > most && count > 1) {
    count = Math.min(count - 1, Math.floor((count * most) / tokens));
    cut = { ...chunk, text: lines.slice(0, Math.max(1, count)).join('\n') };
    tokens = chunkTokens(cut);
  }
  return tokens > most ? [] : [{ chunk: cut, key, tokens, score, pinned: isPinned }];
}

/** Whether one may take the other's place: a little better is not worth evaluating everything behind it again. */
const beats = (one: PlacedChunk, other: PlacedChunk): boolean =>
  one.pinned || (isSimilar(other) && !isSimilar(one)) || one.score >= other.score * CLEARLY_BETTER;

const tokensOf = (chunks: readonly PlacedChunk[]): number =>
  chunks.reduce((sum, { tokens }) => sum + tokens, 0);

const isSimilar = ({ chunk: { source } }: PlacedChunk): boolean => groupOf(source) === 'similar';

/** Sources that are searched for similar pieces share one part of the budget. */
const groupOf = (source: ContextSource): ContextSource | 'similar' =>
  source === 'open' || source === 'visited' || source === 'changed' ? 'similar' : source;

/** Who comes first where not all fit: what a person pinned, what is known to belong here, then by likeness. */
function priority(one: PlacedChunk): number {
  return (one.pinned ? 4 : 0) + (isSimilar(one) ? 0 : 2) + one.score;
}

/** The order of new chunks. */
function inOrder(a: PlacedChunk, b: PlacedChunk, ownUri: string): number {
  const [one, other] = [a.chunk, b.chunk];
  return (
    Number(one.uri === ownUri) - Number(other.uri === ownUri) ||
    CONTEXT_SOURCES.indexOf(one.source) - CONTEXT_SOURCES.indexOf(other.source) ||
    (one.path === other.path ? 0 : one.path < other.path ? -1 : 1) ||
    (one.startLine ?? 0) - (other.startLine ?? 0)
  );
}
