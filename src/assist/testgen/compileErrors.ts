/**
 * Which tests keep a file from being compiled: told from the compiler's line numbers, so that the others can be run.
 */
import { parseJson, withoutColours } from './failure';
import type { RunOutput, TestResult } from './testResult';

export interface CompileError {
  /** As the compiler names it. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/**
 * Errors as `go` and `cargo --message-format=short` print them, `PATH:LINE:COLUMN: MESSAGE`, as ts-jest does, with a
 * dash, which checks types before it runs anything, and as Maven does, `PATH:[LINE,COLUMN] MESSAGE`.
 */
export function compileErrors({ stdout, stderr }: Pick<RunOutput, 'stdout' | 'stderr'>): CompileError[] {
  const lines = withoutColours(`${stdout}\n${stderr}`)
    .split('\n')
    .flatMap((line) => {
      // Go wraps what its compiler prints into its own lines of JSON.
      const event = line.startsWith('{') ? parseJson<{ Action?: string; Output?: string }>(line) : undefined;
      if (event === undefined) return [line];
      return event.Action === 'build-output' ? (event.Output ?? '').split('\n') : [];
    });
  return lines.flatMap((line) => {
    const [, path = '', at = '0', message = ''] =
      /^\s*(\S+\.(?:go|rs|[cm]?tsx?)):(\d+):\d+(?:: | - )(.*)$/.exec(line) ??
      /^\[ERROR\] (\S+\.java):\[(\d+),\d+\] (.*)$/.exec(line) ??
      [];
    return path === '' || /^warning\b/.test(message) ? [] : [{ path, line: Number(at), message }];
  });
}

interface TestRange {
  readonly name: string;
  /** 0-based; the last line belongs to it. */
  readonly first: number;
  readonly last: number;
}

/** Frameworks whose runners refuse a whole file for one test. */
export type Compiled = 'go' | 'cargo' | 'jest' | 'junit';

const SHAPES: Readonly<Record<Compiled, { readonly start: RegExp; readonly end: string }>> = {
  go: { start: /^(?<indent>)func (?<name>Test\w+)\(/, end: '}' },
  cargo: { start: /^(?<indent> *)(?:pub )?(?:async )?fn (?<name>\w+)\(/, end: '}' },
  junit: { start: /^(?<indent> *)(?:(?:public|protected|private|static) )*void (?<name>\w+)\(/, end: '}' },
  jest: { start: /^(?<indent> *)(?:it|test)\((?<quote>['"`])(?<name>.*?)\k<quote>/, end: '});' },
};

/** Tests by their lines: what closes one stands below its beginning. */
function testRanges(text: string, language: Compiled): TestRange[] {
  const lines = text.split('\n');
  const { start, end } = SHAPES[language];
  return lines.flatMap((line, index): TestRange[] => {
    const { indent = '', name } = start.exec(line)?.groups ?? {};
    if (name === undefined) return [];
    let first = index;
    while (first > 0 && /^\s*(?:#\[|@)/.test(lines[first - 1] ?? '')) first--;
    const marks = lines.slice(first, index).join('\n');
    if (language === 'cargo' && !/#\[(?:\w+::)*test\b/.test(marks)) return [];
    if (language === 'junit' && !/@(?:\w*Test)\b/.test(marks)) return [];
    // A test on one line need not have a block.
    const closing = line.trimEnd().endsWith(end.slice(-2))
      ? index
      : lines.findIndex((each, at) => at > index && each.trimEnd() === indent + end);
    return closing < 0 ? [] : [{ name, first, last: closing }];
  });
}

/**
 * The text without the tests that the errors are in, each line where it was.
 *
 * @param path of the file, relative; errors in other files are not its tests'
 * @returns what was taken out as results; none where no error is in a test
 */
export function withoutBrokenTests(
  text: string,
  path: string,
  language: Compiled,
  errors: readonly CompileError[],
): { readonly text: string; readonly broken: readonly TestResult[]; readonly left: number } {
  const name = path.split('/').at(-1) ?? path;
  const own = errors.filter((error) => error.path.split(/[/\\]/).at(-1) === name);
  const ranges = testRanges(text, language);
  const lines = text.split('\n');
  const broken = ranges.flatMap(({ name: test, first, last }): TestResult[] => {
    const [error] = own.filter(({ line }) => line - 1 >= first && line - 1 <= last);
    if (error === undefined) return [];
    lines.fill('', first, last + 1);
    return [{ name: test, status: 'error', message: error.message }];
  });
  return { text: lines.join('\n'), broken, left: ranges.length - broken.length };
}
