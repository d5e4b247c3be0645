/** What kind of trouble a failing test is in: its own, or what it found. */
import type { TestStatus } from './testResult';

/**
 * Comparisons that failed are told by the kind of error; other errors by where they were raised.
 *
 * @param trace with places as `path:line`
 * @param testFile name of the test file without folders
 */
export function statusOf(message: string, trace: string, testFile: string): TestStatus {
  if (
    /^(?:AssertionError|assert\b|Failed:|.*DID NOT RAISE)/.test(message) ||
    /AssertionError|\[ERR_ASSERTION\]/.test(trace.split('\n')[0] ?? '')
  ) {
    return 'failed';
  }
  if (/^E?\s*(?:SyntaxError|IndentationError|ImportError|ModuleNotFoundError)/.test(message)) return 'error';
  const places = [...trace.matchAll(/([\w./\\@+-]+\.[cm]?[a-z]+)(?::|", line )(\d+)/g)].map(
    ([, path = '']) => path,
  );
  const own = places.filter(
    (path) => !/node_modules|site-packages|node:|[/\\]lib[/\\]python|[/\\]Lib[/\\]/.test(path),
  );
  // Python's last place is the deepest, JavaScript's the first.
  const deepest = testFile.endsWith('.py') ? own.at(-1) : own[0];
  return deepest !== undefined && !isFile(deepest, testFile) ? 'failed' : 'error';
}

/** Whether a path ends in a file of this name, not in one whose name only ends like it. */
const isFile = (path: string, name: string): boolean => path.split(/[/\\]/).at(-1) === name;

/** The first lines, without traces and colours. */
export function shortened(message: string): string {
  const lines = withoutColours(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  return lines.slice(0, 4).join(' ').slice(0, 300);
}

// eslint-disable-next-line no-control-regex -- the escape character is what colours begin with
export const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

/** @returns undefined for what is no JSON */
export function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
