/**
 * Whether a cursor stands in a comment, a string or code.
 *
 * Trees are kept per document and parsed again from what has changed, which takes milliseconds also for long ones. The
 * first parse of a long document may take a second: it is done in short slices between which the thread is free, and
 * goes on when the caller has stopped waiting, so that a later one finds it done.
 */
import { Parser, type Language, type Node, type Point, type Tree } from '@vscode/tree-sitter-wasm';
import { LRUCache } from 'lru-cache';
import type { Syntax } from './syntax';

export type CursorScope = 'code' | 'comment' | 'string';

export interface ScopedText {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
  /** UTF-16 offset of the cursor. */
  readonly offset: number;
}

/** How long the thread is held at a time, in milliseconds. */
const SLICE_MS = 8;
/** A text whose parse holds the thread for longer than this in all is given up, in milliseconds. */
const MAX_PARSE_MS = 5000;
/** Documents whose trees are kept: those that a person goes to and fro between. */
const KEPT_TREES = 4;
/** How long a document that was given up is left alone, in milliseconds. */
const GIVEN_UP_MS = 60_000;

interface Parsed {
  readonly text: string;
  readonly languageId: string;
  readonly tree: Tree;
}

export class CursorScopes {
  readonly #trees = new LRUCache<string, Parsed>({
    max: KEPT_TREES,
    dispose: ({ tree }) => tree.delete(),
  });
  readonly #running = new Map<string, Promise<void>>();
  readonly #givenUp = new LRUCache<string, true>({ max: 100, ttl: GIVEN_UP_MS });
  #disposed = false;

  constructor(private readonly syntax: Pick<Syntax, 'language'>) {}

  /**
   * Where the cursor is, once the text is parsed. A Python docstring counts as a comment; a string that is not closed
   * counts as code, for no grammar can tell where it ends.
   *
   * @param limitMs how long to wait for the parse, in milliseconds; a language's grammar is waited for besides, once
   * @returns undefined for a language without a grammar, and where the time was not enough
   */
  async scopeAt(
    { uri, languageId, text, offset }: ScopedText,
    limitMs: number,
  ): Promise<CursorScope | undefined> {
    const language = await this.syntax.language(languageId);
    if (language === undefined) return undefined;
    const deadline = performance.now() + limitMs;
    for (;;) {
      const known = this.#trees.get(uri);
      if (known?.text === text && known.languageId === languageId) {
        return scopeOf(known.tree.rootNode, text, offset);
      }
      if (this.#disposed || this.#givenUp.has(uri) || performance.now() > deadline) return undefined;
      await untilEither(deadline, this.#parse(uri, languageId, language, text));
    }
  }

  /** Frees the trees; what is being parsed ends at its next slice. */
  dispose(): void {
    this.#disposed = true;
    this.#trees.clear();
  }

  /** One parse of a document at a time; another text has to wait, and then begins from its tree. */
  #parse(uri: string, languageId: string, language: Language, text: string): Promise<void> {
    let running = this.#running.get(uri);
    if (running === undefined) {
      const before = this.#trees.peek(uri);
      const base = before?.languageId === languageId ? before : undefined;
      running = parseInSlices(language, text, base, () => this.#disposed)
        .then((tree) => {
          if (tree === undefined) this.#givenUp.set(uri, true);
          else if (this.#disposed) tree.delete();
          else this.#trees.set(uri, { text, languageId, tree });
        })
        .finally(() => this.#running.delete(uri));
      this.#running.set(uri, running);
    }
    return running;
  }
}

/** @returns undefined where it takes too long or is not wanted any more */
async function parseInSlices(
  language: Language,
  text: string,
  base: Parsed | undefined,
  isOver: () => boolean,
): Promise<Tree | undefined> {
  const old = base === undefined ? undefined : editedTree(base, text);
  const parser = new Parser();
  try {
    parser.setLanguage(language);
    let spentMs = 0;
    for (;;) {
      const from = performance.now();
      const sliceEnd = from + SLICE_MS;
      // Parsing goes on where it was stopped when the same parser is given the same text again.
      const tree = parser.parse(text, old ?? null, {
        progressCallback: () => performance.now() > sliceEnd,
      });
      if (tree !== null) return tree;
      spentMs += performance.now() - from;
      if (isOver() || spentMs > MAX_PARSE_MS) return undefined;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    parser.delete();
    old?.delete();
  }
}

/** A copy of a tree that says where its text has changed, as one replacement. */
function editedTree({ text: before, tree }: Parsed, after: string): Tree {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  const most = shorter - start;
  while (
    same < most &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  const edited = tree.copy();
  edited.edit({
    startIndex: start,
    oldEndIndex: before.length - same,
    newEndIndex: after.length - same,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, before.length - same),
    newEndPosition: pointAt(after, after.length - same),
  });
  return edited;
}

function pointAt(text: string, index: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: index - lineStart };
}

const COMMENT = /comment/;
const STRING = /string|heredoc_body|char(acter)?_literal|rune_literal|text_block/;
/** Code inside a string. */
const INTERPOLATION =
  /^(?:interpolation|template_substitution|command_substitution|expansion|sub_expression)$/;

function scopeOf(root: Node, text: string, offset: number): CursorScope {
  if (offset === 0) return 'code';
  // The node of the character before the cursor: what is typed goes on from there.
  for (let node = root.descendantForIndex(offset - 1, offset); node !== null; node = node.parent) {
    // Tokens are called by their text: `string` is a type in TypeScript.
    if (!node.isNamed) continue;
    const inside = node.startIndex < offset && offset < node.endIndex;
    if (inside && INTERPOLATION.test(node.type)) return 'code';
    if (COMMENT.test(node.type) && isInComment(node, text, offset)) return 'comment';
    if (inside && STRING.test(node.type)) {
      return isDocstring(node) ? 'comment' : 'string';
    }
  }
  return 'code';
}

/** @param inner a string or a part of it */
function isDocstring(inner: Node): boolean {
  let whole = inner;
  while (whole.parent !== null && STRING.test(whole.parent.type)) whole = whole.parent;
  return whole.type === 'string' && whole.parent?.type === 'expression_statement';
}

/** A comment to the end of the line goes on at its end; one with a closing mark does not. */
function isInComment({ startIndex, endIndex }: Node, text: string, offset: number): boolean {
  if (offset <= startIndex) return false;
  if (/^(?:\/\*|<#|=begin|<!--)/.test(text.slice(startIndex, startIndex + 6))) return offset < endIndex;
  return offset <= endIndex && text.charAt(offset - 1) !== '\n';
}

/** Resolves with the promise, or at the deadline. */
async function untilEither(deadline: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()) + 1);
  });
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
