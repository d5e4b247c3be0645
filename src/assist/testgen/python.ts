/** Tests for pytest and unittest. */
import type { CodeSymbol, Syntax } from '../syntax/syntax';
import { addImports, dedented, indented, type Dialect, type TestParts, type TestUnit } from './dialect';
import { escaped, pascal, snake, type Subject } from './subject';

const IMPORT = /^(?:import|from)\s/;

/** Functions for pytest, methods of one class for unittest. */
export function pythonDialect(id: 'pytest' | 'unittest'): Dialect {
  const inClass = id === 'unittest';
  const own = (subject: Subject): string[] => [
    inClass ? 'import unittest' : 'import pytest',
    ...(subject.target.module === '' ? [] : [`from ${subject.target.module} import ${subject.imported}`]),
  ];
  const className = (subject: Subject): string => `Test${pascal(subject.title)}`;
  return {
    imports: own,
    opening: (subject) => {
      const begin = `${own(subject).join('\n\n')}\n\n\n`;
      const test = `def test_${snake(subject.title)}_`;
      return inClass ? `${begin}class ${className(subject)}(unittest.TestCase):\n    ${test}` : begin + test;
    },
    parts: (code, subject, syntax) => pythonParts(code, subject, syntax, inClass),
    render: ({ imports, helpers, tests }, subject) => {
      const body = tests.map(({ code }) => code);
      const main = inClass
        ? [
            `class ${className(subject)}(unittest.TestCase):\n${body.map((code) => indented(code, '    ')).join('\n\n')}`,
          ]
        : body;
      const head = sortedImports(
        [...new Set([...own(subject), ...imports])],
        [...helpers, ...body].join('\n'),
      );
      return `${[head, ...helpers, ...main].join('\n\n\n')}\n`;
    },
    merge: async (existing, { imports, helpers, tests }, subject, syntax) => {
      const needed = usedImports(
        [...own(subject), ...imports],
        [...helpers, ...tests.map(({ code }) => code)].join('\n'),
      );
      const withImports = addImports(
        existing,
        needed.filter((line) => !importsAlready(existing, line)),
        IMPORT,
      );
      const body = tests.map(({ code }) => code);
      if (!inClass) return appended(withImports, [...helpers, ...body]);
      const found = ((await syntax.symbols(withImports, 'python')) ?? []).find(
        ({ name }) => name === className(subject),
      );
      const methods = body.map((code) => indented(code, '    ')).join('\n\n');
      if (found === undefined) {
        return appended(withImports, [
          ...helpers,
          `class ${className(subject)}(unittest.TestCase):\n${methods}`,
        ]);
      }
      return `${withImports.slice(0, found.end).trimEnd()}\n\n${methods}\n${withImports.slice(found.end).replace(/^\n/, '')}`;
    },
    rename: ({ name, code }, other) => ({
      name: other,
      code: code.replace(new RegExp(`(\\bdef\\s+)${escaped(name)}\\b`), `$1${other}`),
    }),
    starts: /^ *(?:async )?def test/,
    checks: (code) => /\bassert\b|\.assert\w*\(|\braises\b|\.fail\(|\bwarns\(/.test(code),
  };
}

/** Whether a text imports already what the line imports. */
function importsAlready(text: string, line: string): boolean {
  const [, module = '', name = ''] = /^from\s+(\S+)\s+import\s+(\w+)$/.exec(line) ?? [];
  if (module === '') return new RegExp(`^${escaped(line)}\\s*$`, 'm').test(text);
  return new RegExp(`^from\\s+${escaped(module)}\\s+import\\s[^\\n]*\\b${escaped(name)}\\b`, 'm').test(text);
}

async function pythonParts(
  code: string,
  subject: Subject,
  syntax: Syntax,
  inClass: boolean,
): Promise<TestParts> {
  const symbols = (await syntax.symbols(code, 'python')) ?? [];
  const lines = code.split('\n');
  const text = ({ startLine, endLine }: CodeSymbol): string =>
    dedented(lines.slice(startLine, endLine + 1).join('\n'));
  const isTest = ({ name, within }: CodeSymbol): boolean => /^test_?/.test(name) && within.length <= 1;
  const tests = symbols.filter(isTest).flatMap((symbol): TestUnit[] => {
    const fitted = fitSelf(text(symbol), inClass);
    const code = fitted && withTolerance(fitted.trimEnd(), inClass);
    return code === undefined ? [] : [{ name: symbol.name, code }];
  });
  const helpers = symbols
    .filter((symbol) => symbol.within.length === 0 && !isTest(symbol) && symbol.name !== subject.imported)
    .filter(
      (symbol) => !symbols.some(({ within, name }) => within[0] === symbol.name && /^test_?/.test(name)),
    )
    .map((symbol) => text(symbol).trimEnd());
  return { imports: [...importsOf(lines, subject), ...moduleNames(subject)], helpers, tests };
}

/**
 * What the subject's file imports and defines, one name per statement: a test that uses a name as the code does needs it
 * too, and only what is used is written.
 */
function moduleNames({ moduleText, target, imported }: Subject): string[] {
  const lines = moduleText.split('\n');
  const found: string[] = [];
  for (const statement of statementsOf(lines)) {
    const [, module = '', names = ''] = /^from\s+([\w.]+)\s+import\s+\(?([^)]+)\)?/.exec(statement) ?? [];
    if (module.startsWith('.') || module === '__future__') continue;
    if (module === '')
      found.push(...(/^import\s+[\w.]+(?:\s+as\s+\w+)?$/.test(statement) ? [statement] : []));
    for (const name of names.replace(/#.*/g, '').split(',')) {
      const bare = name.trim();
      if (/^\w+(?:\s+as\s+\w+)?$/.test(bare)) found.push(`from ${module} import ${bare}`);
    }
  }
  if (target.module === '') return found;
  const own = moduleText.matchAll(/^(?:(?:async )?def|class)\s+(\w+)|^([A-Z_][A-Z0-9_]*)\s*(?::[^=\n]*)?=/gm);
  for (const [, defined, constant] of own) {
    const name = defined ?? constant ?? '';
    if (name !== imported) found.push(`from ${target.module} import ${name}`);
  }
  return found;
}

/** Decimals that were rounded cannot be equal: they are compared to as many digits as they have. */
function withTolerance(code: string, inClass: boolean): string {
  const half = (digits: string): string => `0.${'0'.repeat(digits.length)}5`;
  if (inClass) {
    return code.replace(
      /\bself\.assertEqual\((.+), (-?\d+\.(\d{3,}))\)$/gm,
      (_, call: string, value: string, digits: string) =>
        `self.assertAlmostEqual(${call}, ${value}, places=${digits.length})`,
    );
  }
  return code.replace(
    /^(\s*assert .+ == )(-?\d+\.(\d{3,}))$/gm,
    (_, before: string, value: string, digits: string) =>
      `${before}pytest.approx(${value}, abs=${half(digits)})`,
  );
}

/** A function gets or loses `self`; undefined where it needs the object. */
function fitSelf(code: string, inClass: boolean): string | undefined {
  const hasSelf = /\bdef\s+\w+\(\s*self\b/.test(code);
  if (inClass)
    return hasSelf ? code : code.replace(/(\bdef\s+\w+\()\s*/, '$1self, ').replace('self, )', 'self)');
  if (!hasSelf) return code;
  if (/\bself\./.test(code)) return undefined;
  return code.replace(/(\bdef\s+\w+\()\s*self\s*,?\s*/, '$1');
}

/** Import statements at the left, in one line or in parentheses over several. */
function statementsOf(lines: readonly string[]): string[] {
  const found: string[] = [];
  for (let line = 0; line < lines.length; line++) {
    if (!IMPORT.test(lines[line] ?? '')) continue;
    let statement = (lines[line] ?? '').trimEnd();
    while (statement.includes('(') && !statement.includes(')') && line + 1 < lines.length) {
      statement += `\n${lines[++line] ?? ''}`;
    }
    found.push(statement);
  }
  return found;
}

/** Without those of the subject from a module that it is not in, which a model makes up. */
function importsOf(lines: readonly string[], { imported, target }: Subject): string[] {
  return statementsOf(lines).filter((statement) => {
    const [, module = '', names = ''] = /^from\s+(\S+)\s+import\s+([\s\S]+)$/.exec(statement) ?? [];
    const takesSubject = new RegExp(`\\b${escaped(imported)}\\b`).test(names);
    return !(
      takesSubject ||
      module.startsWith('.') ||
      module === target.module ||
      /^import\s+your_|^from\s+your_/.test(statement)
    );
  });
}

/** Imports whose name the code uses. */
function usedImports(imports: readonly string[], code: string): string[] {
  return [...new Set(imports)].filter((statement) => {
    const names = statement
      .replace(/^from\s+\S+\s+import\s+|^import\s+/, '')
      .split(',')
      .map((name) => /(\w+)\s*\)?\s*$/.exec(name.trim())?.[1] ?? '');
    return names.some(
      (name) => name === '' || name === '*' || new RegExp(`\\b${escaped(name)}\\b`).test(code),
    );
  });
}

function sortedImports(imports: readonly string[], code: string): string {
  const used = usedImports(imports, `${code} unittest`);
  const [plain, from] = [
    used.filter((line) => line.startsWith('import')),
    used.filter((line) => !line.startsWith('import')),
  ];
  return [...plain, ...(plain.length > 0 && from.length > 0 ? [''] : []), ...from].join('\n');
}

/** At the end, but before `if __name__ == '__main__':`. */
function appended(text: string, pieces: readonly string[]): string {
  const main = /\n+if __name__\s*==/.exec(text);
  const before = (main === null ? text : text.slice(0, main.index)).trimEnd();
  const after = main === null ? '\n' : `\n\n\n${text.slice(main.index).trimStart()}`;
  return `${[before, ...pieces].filter((piece) => piece !== '').join('\n\n\n')}${after}`;
}
