/** Declarations without the bodies of their functions: what a caller has to know. */
import { toLineFeeds } from '../endOfLine';
import type { ContextChunk } from './contextChunk';

/** A declaration, as a grammar or a language server tells it. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'function' | 'method' | 'class' | 'type';
  /** Lines from 0, both included. */
  readonly startLine: number;
  readonly endLine: number;
  /** UTF-16 offsets of the whole. */
  readonly start: number;
  readonly end: number;
  /** Offset of its body; absent where it has none, or nobody knows. */
  readonly body?: number;
}

/** A class of many methods would take the room of everything else. */
const MAX_LINES = 24;
/** Where nobody knows the body, the head of a declaration is at most so many lines. */
const MAX_HEAD_LINES = 4;
/** Bodies are left out with nothing in their place where the language would read a semicolon as an end. */
const WITHOUT_SEMICOLON = new Set(['go', 'rust', 'ruby', 'kotlin', 'scala', 'swift', 'shellscript', 'lua']);

/**
 * The text of a declaration: of a function its head, of a class its fields and the heads of its methods, of a type
 * all of it.
 *
 * @param all every declaration of the text, to tell which bodies lie inside
 */
export function signatureOf(
  text: string,
  languageId: string,
  declaration: Declaration,
  all: readonly Declaration[],
): string {
  const lineStart = text.lastIndexOf('\n', declaration.start - 1) + 1;
  const from = text.slice(lineStart, declaration.start).trim() === '' ? lineStart : declaration.start;
  const functions = all
    .filter(
      ({ kind, start, end }) => isFunction(kind) && start >= declaration.start && end <= declaration.end,
    )
    .sort((a, b) => a.start - b.start);
  if (functions.some(({ body }) => body === undefined)) return headOf(text.slice(from, declaration.end));
  let kept = '';
  let at = from;
  for (const { body, end } of functions) {
    // Inside one whose body is left out already.
    if (body === undefined || body < at) continue;
    const head = text.slice(at, body).trimEnd();
    kept += head + placeholder(head, text.charAt(body), languageId);
    at = end;
  }
  kept += text.slice(at, declaration.end);
  return shortened(dedented(toLineFeeds(kept)));
}

/** The chunks of the declarations that are wanted, in the order of their file. */
export function signatureChunks(
  file: Pick<ContextChunk, 'source' | 'uri' | 'path' | 'text'> & { readonly languageId: string },
  all: readonly Declaration[],
  wanted: ReadonlySet<string>,
): ContextChunk[] {
  const { source, uri, path, text, languageId } = file;
  const chosen: Declaration[] = [];
  for (const one of all) {
    if (!wanted.has(one.name) || one.kind === 'method') continue;
    if (chosen.some((other) => other.start <= one.start && one.end <= other.end)) continue;
    chosen.push(one);
  }
  return chosen.map((one) => ({
    source,
    uri,
    path,
    text: signatureOf(text, languageId, one, all),
    startLine: one.startLine + 1,
    lineCount: one.endLine - one.startLine + 1,
    name: one.name,
  }));
}

const isFunction = (kind: Declaration['kind']): boolean => kind === 'function' || kind === 'method';

function placeholder(head: string, bodyBegins: string, languageId: string): string {
  if (languageId === 'python') return ' ...';
  // Nothing may stand in place of an arrow function's body.
  if (head.endsWith('=>')) return ' {};';
  return bodyBegins === '{' && !WITHOUT_SEMICOLON.has(languageId) ? ';' : '';
}

/** Lines up to the one that opens a body, by its looks. */
function headOf(text: string): string {
  const lines = toLineFeeds(text).split('\n').slice(0, MAX_HEAD_LINES);
  const opens = lines.findIndex((line) => /[{:=]\s*$/.test(line));
  const head = opens < 0 ? lines.slice(0, 1) : lines.slice(0, opens + 1);
  return dedented(head.join('\n').replace(/\s*\{\s*$/, ''));
}

function dedented(text: string): string {
  const lines = text.split('\n');
  const indent = /^[ \t]*/.exec(lines[0] ?? '')?.[0] ?? '';
  return lines
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line).trimEnd())
    .filter((line, at) => line !== '' || (lines[at - 1] ?? '').trim() !== '')
    .join('\n')
    .trimEnd();
}

function shortened(text: string): string {
  const lines = text.split('\n');
  return lines.length <= MAX_LINES ? text : lines.slice(0, MAX_LINES).join('\n');
}
