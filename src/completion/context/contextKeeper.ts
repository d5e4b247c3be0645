/**
 * Context of completions: what a prompt shows of other places. This file is the door of the folder.
 *
 *     const keeper = new ContextKeeper();
 *     const completer = new Completer(engine, options, clock, onTrace, keeper);
 *     keeper.refresh({ snapshot, path, repository, chunks, files, switches, maxTokens, window });   // at calm moments
 *     completer.complete(snapshot, 'automatic');   // takes what `refresh` chose last
 *
 * `refresh` may take some milliseconds and is for moments in which nobody types: another file, a pause, a save.
 * `contextFor` is called at each keystroke, and gives the same parts until the next `refresh`, so that the engine
 * finds all of them evaluated. Nothing here knows the editor: `chunks` and `files` may come from anywhere. Whoever
 * gives them has left out what nobody may see (ignored files, secrets). `importsOf`, `importedFiles` and
 * `signatureChunks` make chunks of imports without a language server, `RecentEdits` and `editedChunk` those of edits.
 */
import { LRUCache } from 'lru-cache';
import { toLineFeeds } from '../endOfLine';
import type { DocumentSnapshot } from '../snapshot';
import { WindowChooser, type CompletionWindow, type WindowBudget } from '../window';
import { chooseChunks, fittingChunks, STAY_SCORE, type PlacedChunk } from './chooseChunks';
import {
  chunkKey,
  chunkLines,
  type ContextChunk,
  type ContextFile,
  type ContextSwitches,
} from './contextChunk';
import { identifiers } from './identifiers';
import { repositoryContext, type PromptContext, type RepositoryPlace } from './repositoryPrompt';
import { SimilarPieces, type ScoredChunk } from './similarity';

export { CONTEXT_SOURCES, CONTEXT_SWITCHES } from './contextChunk';
export type { ContextChunk, ContextFile, ContextSource, ContextSwitches } from './contextChunk';
export type { PlacedChunk } from './chooseChunks';
export type { PromptContext } from './repositoryPrompt';

/** Where the completer gets context from. */
export interface ContextProvider {
  /**
   * What is to stand before the window; undefined for nothing. Never waits, and gives the same until something is
   * known to have changed at a calm moment.
   *
   * @param window what the prompt shows of the document itself
   * @param maxTokens estimated
   */
  contextFor(
    snapshot: DocumentSnapshot,
    window: CompletionWindow,
    maxTokens: number,
  ): PromptContext | undefined;
}

/** About two seconds of evaluation on two cores, once per change; later requests find it evaluated. */
export const DEFAULT_MAX_CONTEXT_TOKENS = 1000;

export interface ContextInput extends RepositoryPlace {
  /** Of the document that is written in. */
  readonly snapshot: DocumentSnapshot;
  /** Chunks that are known to belong here: declarations, edits, diagnostics. */
  readonly chunks: readonly ContextChunk[];
  /** Files to be searched for similar pieces; the document itself is left out, and the first of each counts. */
  readonly files: readonly ContextFile[];
  readonly switches: ContextSwitches;
  /** Estimated tokens of all chunks. */
  readonly maxTokens: number;
  /** The budget of the completer's windows: what they show is no context. */
  readonly window: WindowBudget;
}

/** Documents whose context is kept. */
const REMEMBERED_DOCUMENTS = 64;
/** Lines this near to the window are likely to be in it after some keystrokes. */
const WINDOW_MARGIN_LINES = 8;
/** Of declarations whose names do not stand near the cursor: they give way to those that do. */
const UNUSED_SCORE = 0.5;

interface Kept extends RepositoryPlace {
  readonly chunks: readonly PlacedChunk[];
  readonly showPath: boolean;
}

export class ContextKeeper implements ContextProvider {
  readonly #similar = new SimilarPieces();
  readonly #kept = new LRUCache<string, Kept>({ max: REMEMBERED_DOCUMENTS });
  /** Keys by document: what a person has chosen holds until the end of the session. */
  readonly #pinned = new Map<string, Set<string>>();
  readonly #removed = new Map<string, Set<string>>();

  /** Chooses anew what the prompts of a document show. @returns the choice, in its order */
  refresh(input: ContextInput): readonly PlacedChunk[] {
    const { snapshot, path, repository, maxTokens, switches } = input;
    const { uri } = snapshot;
    const before = this.chunks(uri);
    const pinned = this.#pinned.get(uri) ?? new Set();
    const candidates = this.#candidates(input, before, pinned);
    const place = repository === undefined ? { path } : { path, repository };
    const room = maxTokens - repositoryContext(place, []).tokens;
    const chunks = chooseChunks(before, candidates, { maxTokens: room, pinned, uri });
    this.#kept.set(uri, { ...place, chunks, showPath: switches.path });
    return chunks;
  }

  contextFor(
    { uri, text }: DocumentSnapshot,
    { start, end }: CompletionWindow,
    maxTokens: number,
  ): PromptContext | undefined {
    const kept = this.#kept.get(uri);
    if (kept === undefined) return undefined;
    const bare = repositoryContext(kept, []);
    const shown = kept.chunks.some(({ chunk }) => chunk.uri === uri)
      ? notShown(kept.chunks, uri, toLineFeeds(text.slice(start, end)))
      : kept.chunks;
    const chunks = fittingChunks(shown, maxTokens - bare.tokens);
    if (bare.tokens > maxTokens || (chunks.length === 0 && !kept.showPath)) return undefined;
    return chunks.length === 0
      ? bare
      : repositoryContext(
          kept,
          chunks.map(({ chunk }) => chunk),
        );
  }

  /** What the prompts of a document show since its last `refresh`. */
  chunks(uri: string): readonly PlacedChunk[] {
    return this.#kept.get(uri)?.chunks ?? [];
  }

  /** Whether a chunk stays in a document's prompts, whatever else there is. Takes effect with the next `refresh`. */
  pin(uri: string, key: string, on: boolean): void {
    const keys = this.#pinned.get(uri) ?? new Set();
    if (on) keys.add(key);
    else keys.delete(key);
    this.#pinned.set(uri, keys);
    this.#change(uri, (chunks) => chunks.map((one) => (one.key === key ? { ...one, pinned: on } : one)));
  }

  /** Takes a chunk out of a document's prompts at once, for good. */
  remove(uri: string, key: string): void {
    this.#pinned.get(uri)?.delete(key);
    this.#removed.set(uri, (this.#removed.get(uri) ?? new Set()).add(key));
    this.#change(uri, (chunks) => chunks.filter((one) => one.key !== key));
  }

  /** How many chunks a person has taken out of a document's prompts. */
  removedCount(uri: string): number {
    return this.#removed.get(uri)?.size ?? 0;
  }

  /** Lets all chunks that were removed come back with the next `refresh`. */
  restore(uri: string): void {
    this.#removed.delete(uri);
  }

  /** Takes files out of all prompts at once, and what is known of documents that are such files. */
  dropFiles(isDropped: (uri: string) => boolean): void {
    for (const uri of [...this.#kept.keys()]) {
      if (isDropped(uri)) this.#kept.delete(uri);
      else this.#change(uri, (chunks) => chunks.filter(({ chunk }) => !isDropped(chunk.uri)));
    }
  }

  /** Takes what is known of one document away: its prompts have no context until the next `refresh`. */
  forget(uri: string): void {
    this.#kept.delete(uri);
  }

  #change(uri: string, change: (chunks: readonly PlacedChunk[]) => readonly PlacedChunk[]): void {
    const kept = this.#kept.get(uri);
    if (kept !== undefined) this.#kept.set(uri, { ...kept, chunks: change(kept.chunks) });
  }

  #candidates(
    { snapshot, chunks, files, switches, window }: ContextInput,
    before: readonly PlacedChunk[],
    pinned: ReadonlySet<string>,
  ): ScoredChunk[] {
    const { uri, text, offset } = snapshot;
    const removed = this.#removed.get(uri) ?? new Set();
    const shown = shownPart(snapshot, window);
    const around = {
      before: toLineFeeds(text.slice(shown.start, offset)),
      after: toLineFeeds(text.slice(offset, shown.end)),
    };
    const others = new Map<string, ContextFile>();
    for (const file of files) {
      if (file.uri !== uri && switches[file.source] && !others.has(file.uri)) others.set(file.uri, file);
    }
    const isPinned = (chunk: ContextChunk): boolean => pinned.has(chunkKey(chunk));
    const similar = this.#similar
      .find([...others.values()], around, 0)
      .filter(({ chunk, score }) => score >= STAY_SCORE || isPinned(chunk));
    const near = identifiers(around.before + around.after);
    const known = chunks
      .filter((chunk) => switches[chunk.source])
      .map((chunk) => ({
        chunk,
        score: chunk.name === undefined || near.has(chunk.name) ? 1 : UNUSED_SCORE,
      }));
    const found = new Set([...known, ...similar].map(({ chunk }) => chunkKey(chunk)));
    const read = new Set(files.map((file) => file.uri));
    // What was pinned stays when its file is closed, as it was read last.
    const absent = before.filter(
      ({ key, chunk }) => pinned.has(key) && !found.has(key) && !read.has(chunk.uri),
    );
    const lines = windowLines(text, shown);
    return [...known, ...similar, ...absent].filter(
      ({ chunk }) => !removed.has(chunkKey(chunk)) && !(chunk.uri === uri && isWithin(chunk, lines)),
    );
  }
}

/** What a completer with this budget would show of a document, or nearly so: where it begins depends on earlier prompts. */
export const shownPart = (snapshot: DocumentSnapshot, budget: WindowBudget): CompletionWindow =>
  new WindowChooser().choose(snapshot, budget);

export interface Lines {
  /** From 1, both included. */
  readonly first: number;
  readonly last: number;
}

/** Lines that prompts of a document show of it, and some around them. */
export function windowLines(text: string, { start, end }: CompletionWindow): Lines {
  const first = lineEnds(text, 0, start) + 1;
  return {
    first: first - WINDOW_MARGIN_LINES,
    last: first + lineEnds(text, start, end) + WINDOW_MARGIN_LINES,
  };
}

function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Whether a chunk shows lines of the window. What is said about a line, and stands nowhere, does not. */
function isWithin(chunk: ContextChunk, { first, last }: Lines): boolean {
  if (chunk.source === 'diagnostic') return false;
  const lines = chunkLines(chunk);
  return lines !== undefined && lines.from <= last && lines.to > first;
}

/** Chunks without those of the document itself whose beginning or end has come into the window since. */
function notShown(chunks: readonly PlacedChunk[], uri: string, shown: string): readonly PlacedChunk[] {
  return chunks.filter(({ chunk }) => {
    if (chunk.uri !== uri || chunk.source === 'diagnostic') return true;
    const lines = chunk.text.split('\n');
    return !shown.includes(lines.slice(0, 2).join('\n')) && !shown.includes(lines.slice(-2).join('\n'));
  });
}
