/** Tests in Go, Rust and Java: functions or methods in one file of a fixed shape. */
import type { CodeSymbol, Syntax } from '../syntax/syntax';
import { addImports, dedented, indented, type Dialect, type TestParts } from './dialect';
import { escaped, pascal, snake, type Subject } from './subject';

interface Shape {
  readonly languageId: string;
  readonly head: (subject: Subject) => readonly string[];
  /** What is around the tests, and how deep they stand in it. */
  readonly around?: (subject: Subject) => { readonly open: string; readonly close: string };
  /** What stands before a test's name. */
  readonly before: string;
  readonly firstName: (subject: Subject) => string;
  readonly isTest: (symbol: CodeSymbol, code: string) => boolean;
  readonly starts: RegExp;
  readonly checks: RegExp;
  readonly isImport: RegExp;
}

/** Lines above a symbol that belong to it: attributes and annotations. */
const MARK = /^\s*(?:#\[|@)/;

const GO: Shape = {
  languageId: 'go',
  head: ({ target }) => [`package ${target.module}`, '', 'import "testing"'],
  before: 'func ',
  firstName: ({ title }) => `Test${pascal(title)}`,
  isTest: ({ name }) => name.startsWith('Test'),
  starts: /^func Test/,
  checks: /\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\b|\b(?:assert|require)\./,
  isImport: /^import\b|^\)/,
};

const RUST: Shape = {
  languageId: 'rust',
  head: () => [],
  around: () => ({ open: '#[cfg(test)]\nmod tests {\n    use super::*;\n', close: '}' }),
  before: '#[test]\nfn ',
  firstName: ({ title }) => `${snake(title)}_`,
  isTest: (_symbol, code) => /#\[test\]/.test(code),
  starts: /^ *#\[test\]/,
  checks: /\bassert(?:_eq|_ne)?!|should_panic|\bpanic!/,
  isImport: /^use\b/,
};

const JAVA: Shape = {
  languageId: 'java',
  head: ({ target, framework }) => [
    ...(target.module === '' ? [] : [`package ${target.module};`, '']),
    ...(framework.major === 4
      ? ['import static org.junit.Assert.*;', '', 'import org.junit.Test;']
      : ['import static org.junit.jupiter.api.Assertions.*;', '', 'import org.junit.jupiter.api.Test;']),
  ],
  around: ({ imported, framework }) => ({
    open: `${framework.major === 4 ? 'public ' : ''}class ${imported}Test {`,
    close: '}',
  }),
  before: '@Test\npublic void ',
  firstName: ({ name }) => name,
  isTest: (_symbol, code) => /@Test\b/.test(code),
  starts: /^ *@Test\b/,
  checks: /\bassert\w+\(|\bfail\(/,
  isImport: /^import\b/,
};

export const goDialect = (): Dialect => compiledDialect(GO);
export const rustDialect = (): Dialect => compiledDialect(RUST);
export const javaDialect = (): Dialect => compiledDialect(JAVA);

function compiledDialect(shape: Shape): Dialect {
  const depth = shape.around === undefined ? '' : '    ';
  const begin = (subject: Subject): string => {
    const head = shape.head(subject).join('\n');
    const open = shape.around?.(subject).open ?? '';
    return [head, open].filter((part) => part !== '').join('\n\n');
  };
  const body = (parts: TestParts): string =>
    [...parts.helpers, ...parts.tests.map(({ code }) => code)]
      .map((code) => indented(code, depth))
      .join('\n\n');
  const render = (parts: TestParts, subject: Subject): string => {
    const close = shape.around?.(subject).close;
    const text = `${begin(subject)}\n${depth === '' ? '\n' : ''}${body(parts)}\n${close === undefined ? '' : `${close}\n`}`;
    return addImports(text, parts.imports, shape.isImport);
  };
  return {
    imports: (subject) => shape.head(subject),
    opening: (subject) => {
      const test = indented(shape.before + shape.firstName(subject), depth);
      return `${begin(subject)}\n${depth === '' ? '\n' : ''}${test}`;
    },
    parts: (code, subject, syntax) => partsOf(code, subject, syntax, shape),
    render,
    merge: async (existing, parts, subject, syntax) => {
      if (shape.around === undefined)
        return addImports(`${existing.trimEnd()}\n\n${body(parts)}\n`, parts.imports, shape.isImport);
      const symbols = (await syntax.symbols(existing, shape.languageId)) ?? [];
      const name = shape.languageId === 'rust' ? 'tests' : `${subject.imported}Test`;
      const found = symbols.find((symbol) => symbol.name === name && symbol.within.length === 0);
      if (found === undefined) return `${existing.trimEnd()}\n\n${render(parts, subject)}`;
      const closing = existing.lastIndexOf('}', found.end);
      return `${existing.slice(0, closing).trimEnd()}\n\n${body(parts)}\n${existing.slice(closing)}`;
    },
    rename: ({ name, code }, other) => ({
      name: other,
      code: code.replace(new RegExp(`\\b${escaped(name)}\\b`), other),
    }),
    starts: shape.starts,
    checks: (code) => shape.checks.test(code),
  };
}

async function partsOf(
  code: string,
  { imported }: Subject,
  syntax: Syntax,
  shape: Shape,
): Promise<TestParts> {
  const symbols = (await syntax.symbols(code, shape.languageId)) ?? [];
  const lines = code.split('\n');
  const pieces = symbols
    .filter(({ kind, within }) => kind !== 'class' && kind !== 'type' && within.length <= 1)
    .map((symbol) => ({ symbol, text: withMarks(lines, symbol) }));
  const tests = pieces.filter(({ symbol, text }) => shape.isTest(symbol, text));
  const imports =
    shape.languageId === 'java' ? lines.filter((line) => /^import\s/.test(line) && !/junit/.test(line)) : [];
  return {
    imports,
    helpers: pieces
      .filter(({ symbol, text }) => !shape.isTest(symbol, text) && symbol.name !== imported)
      .map(({ text }) => text),
    tests: tests.map(({ symbol, text }) => ({ name: symbol.name, code: text })),
  };
}

function withMarks(lines: readonly string[], { startLine, endLine }: CodeSymbol): string {
  let first = startLine;
  while (first > 0 && MARK.test(lines[first - 1] ?? '')) first--;
  return dedented(lines.slice(first, endLine + 1).join('\n'));
}
