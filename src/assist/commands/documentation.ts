/**
 * Documentation of a symbol. Only the comment is asked for and inserted, so that the code stays what it is whatever
 * the model does.
 */
import type { Engine } from '../../inference/engine';
import { indentUnit, leadingBlanks, type IndentStyle } from '../answer/indentation';
import type { Answer, Question } from '../ask';
import { answerRoom, fitLines } from '../budget';
import { fenced, openFence, question } from './prompts';

const COMMENT_TOKENS = 300;
const CODE_TOKENS = 1000;
/** Columns that a comment's line may fill where it is wrapped here. */
const LINE_WIDTH = 100;

type Form = 'docstring' | 'block' | 'slashes' | 'triple-slashes' | 'hash';

const FORMS: Readonly<Record<string, Form>> = {
  python: 'docstring',
  go: 'slashes',
  rust: 'triple-slashes',
  csharp: 'triple-slashes',
  ruby: 'hash',
  shellscript: 'hash',
  powershell: 'hash',
};

const CALLED: Readonly<Record<string, string>> = {
  python: 'docstring',
  javascript: 'JSDoc comment',
  javascriptreact: 'JSDoc comment',
  typescript: 'TSDoc comment',
  typescriptreact: 'TSDoc comment',
  java: 'Javadoc comment',
  go: 'doc comment',
  rust: 'doc comment',
  csharp: 'XML documentation comment',
  php: 'PHPDoc comment',
};

export interface DocumentationTask {
  readonly languageId: string;
  readonly name: string;
  /** The symbol's own code, from its declaration on. */
  readonly code: string;
  /** The declaration up to its body. */
  readonly signature: string;
}

export const documentationForm = (languageId: string): Form => FORMS[languageId] ?? 'block';

/** How a comment of the form begins and ends, the declaration's own indentation left out. */
function ends(
  form: Form,
  { languageId, name, signature }: DocumentationTask,
): [begin: string, stops: string[]] {
  switch (form) {
    case 'docstring':
      return [`${signature.trimEnd()}\n    """`, ['"""', '\n```']];
    case 'block':
      return ['/**\n * ', ['*/', '\n```']];
    case 'slashes':
      return [`// ${name} `, ['\nfunc', '\ntype', '\n\n', '\n```']];
    case 'triple-slashes':
      return languageId === 'csharp'
        ? ['/// <summary>\n/// ', ['\npublic', '\nprivate', '\nprotected', '\ninternal', '\n\n', '\n```']]
        : ['/// ', ['\npub', '\nfn', '\n\n', '\n```']];
    case 'hash':
      return ['# ', ['\ndef', '\nfunction', `\n${name}`, '\n\n', '\n```']];
  }
}

/** @throws EngineError `context-overflow` */
export async function documentationQuestion(engine: Engine, task: DocumentationTask): Promise<Question> {
  const { languageId, name } = task;
  const code = await fitLines(engine, task.code, CODE_TOKENS, 'start');
  const called = CALLED[languageId] ?? 'documentation comment';
  const text = `Write a short ${called} for \`${name}\`. First one sentence that says what it does, then its parameters, its result and its errors where there are any. Do not repeat the code.\n${fenced(code, languageId)}`;
  const [begin, stopStrings] = ends(documentationForm(languageId), task);
  return {
    messages: question(text),
    prefill: openFence(languageId) + begin,
    maxTokens: await answerRoom(engine, [text, begin], COMMENT_TOKENS),
    stopStrings,
  };
}

/** Text of the comment without its marks, one line each; undefined where there is none. */
export function readDocumentation(answer: Answer, task: DocumentationTask): readonly string[] | undefined {
  const { languageId } = task;
  const [begin] = ends(documentationForm(languageId), task);
  const written = answer.text.slice((openFence(languageId) + begin).length);
  const kept = documentationForm(languageId) === 'slashes' ? `${task.name} ${written}` : written;
  const mark = /^[ \t]*(?:\/\/\/?|#|\*(?!\/))?[ ]?/;
  const first = languageId === 'csharp' ? ['<summary>', kept] : [kept];
  const raw = first.join('\n').replace(/\r\n?/g, '\n').split('\n');
  const isDocstring = documentationForm(languageId) === 'docstring';
  const lines = isDocstring
    ? dedented(raw)
    : raw.map((line, index) => (index === 0 ? line : line.replace(mark, '')));
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const trimmed = lines.map((line) => line.trimEnd());
  // A cut-off sentence is worse than a missing one.
  if (!answer.whole && trimmed.length > 1) trimmed.pop();
  return trimmed.some((line) => /\w/.test(line)) ? trimmed : undefined;
}

function dedented([first = '', ...others]: readonly string[]): string[] {
  const depths = others.filter((line) => line.trim() !== '').map((line) => leadingBlanks(line).length);
  const common = depths.length === 0 ? 0 : Math.min(...depths);
  return [first.trim(), ...others.map((line) => line.slice(common))];
}

/**
 * The comment as lines of the document.
 *
 * @param place indentation of the declaration
 */
export function placeDocumentation(
  text: readonly string[],
  languageId: string,
  place: { readonly indent: string },
  style: IndentStyle,
): readonly string[] {
  const wrapped = text.flatMap((line) => wrap(line, LINE_WIDTH - place.indent.length));
  const form = documentationForm(languageId);
  if (form === 'docstring') {
    const inner = place.indent + indentUnit(style);
    const [first = '', ...others] = wrapped;
    const opened = `"""${first.replace(/\\/g, '\\\\')}`;
    const lines = others.length === 0 ? [`${opened}"""`] : [opened, ...others, '"""'];
    return lines.map((line) => (line === '' ? '' : inner + line));
  }
  return marked(wrapped, form).map((line) => place.indent + line);
}

function marked(lines: readonly string[], form: Exclude<Form, 'docstring'>): string[] {
  if (form === 'block') {
    const inside = lines.map((line) => ` * ${line.replaceAll('*/', '* /')}`.trimEnd());
    return ['/**', ...inside, ' */'];
  }
  const mark = { slashes: '//', 'triple-slashes': '///', hash: '#' }[form];
  return lines.map((line) => `${mark} ${line}`.trimEnd());
}

/** Breaks a long line at blanks; what follows keeps its indentation. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const indent = leadingBlanks(line);
  const lines: string[] = [];
  let current = '';
  for (const word of line.trim().split(/\s+/)) {
    if (current !== '' && indent.length + current.length + 1 + word.length > width) {
      lines.push(indent + current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, indent + current];
}

/** Lines of the comment that is there already, which the new one replaces: first, and the one behind the last. */
export function existingDocumentation(
  lines: readonly string[],
  languageId: string,
  place: { readonly line: number; readonly bodyLine: number },
): [number, number] {
  if (documentationForm(languageId) === 'docstring') {
    const { bodyLine } = place;
    const [, quotes] = /^\s*[rRuU]?("""|''')/.exec(lines[bodyLine] ?? '') ?? [];
    if (quotes === undefined) return [bodyLine, bodyLine];
    const opened = (lines[bodyLine] ?? '').indexOf(quotes) + quotes.length;
    if ((lines[bodyLine] ?? '').includes(quotes, opened)) return [bodyLine, bodyLine + 1];
    const closing = lines.findIndex((line, index) => index > bodyLine && line.includes(quotes));
    return [bodyLine, closing < 0 ? bodyLine : closing + 1];
  }
  let first = place.line;
  const isDocumentation =
    documentationForm(languageId) === 'block' ? /^\s*(?:\/\*\*|\*)/ : /^\s*(?:\/\/|#(?!!))/;
  while (first > 0 && isDocumentation.test(lines[first - 1] ?? '')) first--;
  return [first, place.line];
}
