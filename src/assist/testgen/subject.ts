/** What tests are written for. */
import type { CodeSymbol } from '../syntax/syntax';
import type { Framework } from './framework';
import type { TestTarget } from './target';

export interface Subject {
  readonly languageId: string;
  readonly framework: Framework;
  readonly target: TestTarget;
  /** What is imported: the function, or the outermost class. */
  readonly imported: string;
  /** The only export, or the default one. */
  readonly isDefault: boolean;
  /** What it is called to people and in titles: `f`, `Stack.push`. */
  readonly title: string;
  /** Its own name, which every test must use. */
  readonly name: string;
  readonly isClass: boolean;
  /** Its code; of a method with its class around it, as far as that fits. */
  readonly code: string;
  /** The comment right above its own declaration; empty where there is none, and in Python, which has it inside. */
  readonly documentation: string;
  /** Its own code, of a method without the class. */
  readonly ownCode: string;
  /** Text of the whole source file: tests may need what else it defines and imports. */
  readonly moduleText: string;
}

/** @param text of the whole source file */
export function subjectOf(
  symbol: CodeSymbol,
  all: readonly CodeSymbol[],
  text: string,
  languageId: string,
  framework: Framework,
  target: TestTarget,
): Subject {
  const [outer = symbol.name] = symbol.within;
  const isDefault =
    new RegExp(`export\\s+default\\s+(?:async\\s+)?(?:(?:function\\*?|class)\\s+)?${escaped(outer)}\\b`).test(
      text,
    ) || new RegExp(`module\\.exports\\s*=\\s*${escaped(outer)}\\b`).test(text);
  // Methods are called on their object: the model has to see how one is made.
  const whole = all.find(({ name, within }) => name === outer && within.length === 0) ?? symbol;
  const shown = symbol.kind === 'method' ? whole : symbol;
  return {
    languageId,
    framework,
    target,
    imported: outer,
    isDefault,
    title: [...symbol.within, symbol.name].join('.'),
    name: symbol.name,
    isClass: symbol.kind === 'class',
    code: text.slice(shown.start, shown.end),
    documentation: commentAbove(text, symbol.start),
    ownCode: text.slice(symbol.start, symbol.end),
    moduleText: text,
  };
}

const COMMENT_LINE = /^\s*(?:\/\/|\/\*|\*|#(?!\[))/;

/** Comment lines that end right above an offset. */
function commentAbove(text: string, offset: number): string {
  const lines = text.slice(0, text.lastIndexOf('\n', offset - 1) + 1).split('\n');
  lines.pop();
  const first = lines.findLastIndex((line) => !COMMENT_LINE.test(line)) + 1;
  return lines.slice(first).join('\n');
}

export const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A name as part of another one: `Stack.push` becomes `StackPush`. */
export const pascal = (title: string): string =>
  title
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part[0]?.toUpperCase() + part.slice(1))
    .join('');

export const snake = (title: string): string =>
  title
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
