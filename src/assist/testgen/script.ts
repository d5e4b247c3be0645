/** Tests for vitest, jest, mocha and node:test, in JavaScript and TypeScript. */
import type { LabelledCall, Syntax } from '../syntax/syntax';
import { addImports, dedented, indented, type Dialect, type TestParts, type TestUnit } from './dialect';
import { escaped, type Subject } from './subject';

type ScriptFramework = 'vitest' | 'jest' | 'mocha' | 'node:test';

const IMPORT = /^(?:import\b.*|(?:const|let|var)\s.*=\s*require\(.*|\}\s*from\s.*)$/;
const isTest = ({ callee }: LabelledCall): boolean => callee === 'it' || callee === 'test';

export function scriptDialect(id: ScriptFramework): Dialect {
  const own = (subject: Subject): string[] => ownImports(id, subject);
  return {
    imports: own,
    opening: (subject) => `${own(subject).join('\n')}\n\ndescribe('${subject.title}', () => {\n  it('`,
    parts: (code, subject, syntax) => scriptParts(code, subject, syntax),
    render: ({ imports, tests }, subject) => {
      const code = tests.map((test) => test.code).join('\n');
      const head = imports.filter((line) => isUsed(line, code)).reduce(withImport, own(subject).join('\n'));
      return `${head}\n\n${block(subject.title, tests)}\n`;
    },
    merge: async (existing, { imports, tests }, subject, syntax) => {
      const code = tests.map((test) => test.code).join('\n');
      const needed = imports.filter((line) => isUsed(line, code));
      const text = own(subject).concat(needed).reduce(withImport, existing);
      const calls = (await syntax.calls(text, subject.languageId)) ?? [];
      const found = calls.find(
        ({ callee, label, within }) =>
          callee === 'describe' && label === subject.title && within.length === 0,
      );
      const closing = found && text.lastIndexOf('}', found.end);
      if (found === undefined || closing === undefined || closing < found.start) {
        return `${text.trimEnd()}\n\n${block(subject.title, tests)}\n`;
      }
      const before = text.slice(0, closing).trimEnd();
      return `${before}\n\n${body(tests)}\n${text.slice(closing)}`;
    },
    rename: ({ name, code }, other) => ({ name: other, code: code.replace(name, other) }),
    starts: /^ *(?:it|test)\(/,
    checks: (code) => /\bexpect\s*\(|\bassert\b|\.should\b|\bt\.(?:is|deepEqual|throws)\b/.test(code),
  };
}

function ownImports(id: ScriptFramework, { framework, target, imported, isDefault }: Subject): string[] {
  const { module, commonJs } = target;
  const take = (what: string, from: string): string =>
    commonJs
      ? `const ${what.replace(/^\* as /, '')} = require('${from}');`
      : `import ${what} from '${from}';`;
  const assert =
    framework.assertions === 'chai' ? take('{ expect }', 'chai') : take('assert', 'node:assert/strict');
  const frames: Readonly<Record<ScriptFramework, string[]>> = {
    vitest: [`import { describe, expect, it } from 'vitest';`],
    jest: [],
    mocha: [assert],
    'node:test': [take('{ describe, it }', 'node:test'), take('assert', 'node:assert/strict')],
  };
  return [...frames[id], take(isDefault ? imported : `{ ${imported} }`, module)];
}

const body = (tests: readonly TestUnit[]): string =>
  tests.map(({ code }) => indented(code, '  ')).join('\n\n');

const block = (title: string, tests: readonly TestUnit[]): string =>
  `describe('${title}', () => {\n${body(tests)}\n});`;

async function scriptParts(code: string, subject: Subject, syntax: Syntax): Promise<TestParts> {
  const calls = (await syntax.calls(code, subject.languageId)) ?? [];
  const tests = calls.filter(isTest).map(({ label, start, end }) => {
    const from = code.lastIndexOf('\n', start) + 1;
    // With the blanks before it, so that the lines below keep their places.
    const whole = code.slice(from, start).trim() === '' ? code.slice(from, end) : code.slice(start, end);
    const text = dedented(whole)
      .replace(/^test\b/, 'it')
      .replace(/^(it)\.only\b/, '$1');
    return { name: label, code: comparable(text.endsWith(';') ? text : `${text};`) };
  });
  return { imports: [...importsOf(code, subject), ...moduleNames(subject)], helpers: [], tests };
}

/** Comparisons that cannot hold whatever the code does: of two objects by identity, of decimals that were rounded. */
function comparable(code: string): string {
  return code
    .replace(/\.toBe\((?=\s*(?:\[|\{|new\s))/g, '.toEqual(')
    .replace(
      /\.(?:toBe|toEqual)\((-?\d+\.(\d{3,}))\)/g,
      (_, value: string, digits: string) => `.toBeCloseTo(${value}, ${Math.min(digits.length, MOST_DIGITS)})`,
    )
    .replace(/\bassert\.(?:strictEqual|equal)\((.+, (?:\[.*\]|\{.*\}))\);$/gm, 'assert.deepEqual($1);');
}

/** Beyond these, the order of additions shows. */
const MOST_DIGITS = 10;

/** What the subject's file exports besides, which a test may need: only what is used is written. */
function moduleNames({ moduleText, imported, target }: Subject): string[] {
  if (target.commonJs) return [];
  const names = moduleText.matchAll(/^export\s+(?:async\s+)?(?:function\*?|class|const|let|enum)\s+(\w+)/gm);
  return [...names]
    .map(([, name = '']) => name)
    .filter((name) => name !== imported)
    .map((name) => `import { ${name} } from '${target.module}';`);
}

/** Whether code uses a name that an import binds; what binds none is wanted for what it does. */
function isUsed(statement: string, code: string): boolean {
  const bound = (statement.split(/\bfrom\b|=\s*require/)[0] ?? '').match(/\w+/g)?.slice(1) ?? [];
  return bound.length === 0 || bound.some((name) => new RegExp(`\\b${escaped(name)}\\b`).test(code));
}

/** Without those of the subject and of the frameworks, which are ours to write. */
function importsOf(code: string, { imported, target }: Subject): string[] {
  return code
    .split('\n')
    .filter((line) => /^import\b.*from\s|^(?:const|let|var)\s.*=\s*require\(/.test(line))
    .filter((line) => {
      const from = /['"]([^'"]+)['"]/.exec(line)?.[1] ?? '';
      const takesSubject = new RegExp(`\\b${escaped(imported)}\\b`).test(line.split(/from|=/)[0] ?? '');
      return (
        !takesSubject &&
        from !== target.module &&
        !/^(?:vitest|@jest\/globals|mocha|node:test|test|node:assert.*|assert.*|chai)$/.test(from) &&
        !from.startsWith('.')
      );
    });
}

/** Adds an import to a text, to the braces of one that is there from the same module. */
function withImport(text: string, line: string): string {
  const [, names = '', from = ''] = /^import \{ ([^}]*) \} from '([^']+)'/.exec(line) ?? [];
  if (from === '') {
    const bound = /^(?:import|const) (\{[^}]*\}|\w+)/.exec(line)?.[1] ?? '';
    const plain = bound.replace(/[{}\s]/g, '').split(',');
    const isBound = plain.every((name) =>
      new RegExp(
        `^(?:import|const|let|var)\\b[^\\n]*\\b${escaped(name)}\\b[^\\n]*(?:from|require)`,
        'm',
      ).test(text),
    );
    return isBound ? text : addImports(text, [line], IMPORT);
  }
  const there = new RegExp(`import\\s*\\{([^}]*)\\}\\s*from\\s*(['"])${escaped(from)}\\2`).exec(text);
  if (there === null) return addImports(text, [line], IMPORT);
  const had = (there[1] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const all = [
    ...had,
    ...names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => !had.includes(name)),
  ];
  if (all.length === had.length) return text;
  const [statement = ''] = there;
  return text.replace(statement, statement.replace(/\{[^}]*\}/, `{ ${all.join(', ')} }`));
}
