/** Context that a question names in its own text: `@file:src/cart.ts`, `@symbol:total`, `@selection`. */
import { CONTEXT_KINDS, type ContextKind } from '../context/contextItem';

export interface Mention {
  readonly kind: ContextKind;
  /** What stands behind the colon: a path, or a name; only of files and symbols. */
  readonly name?: string;
}

const NAMED: ReadonlySet<ContextKind> = new Set<ContextKind>(['file', 'symbol']);
/** An address (`me@file.org`), a decorator in code and the like are none: white space or a bracket stands before. */
const MENTION = new RegExp(
  `(?<=^|[\\s(])@(${CONTEXT_KINDS.join('|')})(?::("[^"\\n]+"|[^\\s"]+))?(?![\\w:@])`,
  'g',
);
/** Text between fences or backticks is code. */
const CODE = /```[^]*?(?:```|$)|`[^`\n]*`/g;

/** The mentions of a question, in its order, each once. */
export function mentionsIn(question: string): Mention[] {
  const found = new Map<string, Mention>();
  for (const { mention } of occurrences(question))
    found.set(`${mention.kind} ${mention.name ?? ''}`, mention);
  return [...found.values()];
}

const WORDS: Readonly<Record<ContextKind, string>> = {
  file: 'the file',
  selection: 'the selected code',
  symbol: 'the code',
  problems: 'the problems',
  diff: 'the changes',
  workspace: 'the workspace',
};

/** The question in words that the model knows from the headings of its context. */
export function withoutMentions(question: string): string {
  let text = '';
  let at = 0;
  for (const { mention, start, end } of occurrences(question)) {
    text +=
      question.slice(at, start) + (mention.name === undefined ? WORDS[mention.kind] : `\`${mention.name}\``);
    at = end;
  }
  return text + question.slice(at);
}

function occurrences(question: string): { mention: Mention; start: number; end: number }[] {
  const prose = question.replace(CODE, (code) => ' '.repeat(code.length));
  return [...prose.matchAll(MENTION)].flatMap(([whole, word = '', given], index, all) => {
    const start = all[index]?.index ?? 0;
    const kind = CONTEXT_KINDS.find((one) => one === word);
    if (kind === undefined) return [];
    if (given === undefined || !NAMED.has(kind))
      return [{ mention: { kind }, start, end: start + 1 + word.length }];
    // A sentence goes on behind a name.
    const end = given.startsWith('"') ? '' : (/[.,;:!?)]+$/.exec(given)?.[0] ?? '');
    const name = given.slice(0, given.length - end.length).replaceAll('"', '');
    return name === '' ? [] : [{ mention: { kind, name }, start, end: start + whole.length - end.length }];
  });
}
