/**
 * A failing test that compares several things, as one test for each of them: what holds is worth keeping, and what does
 * not is seen at once. Every comparison stays as it is.
 */
import { numberedName, type TestUnit } from './dialect';
import { isScript } from './framework';

interface Body {
  readonly head: string;
  readonly tail: string;
  /** What comes before the comparisons, for each of them. */
  readonly setup: readonly string[];
  readonly checks: readonly string[];
}

/** @returns undefined where there is but one comparison, or where they may hang together */
export function splitTest(unit: TestUnit, languageId: string): TestUnit[] | undefined {
  const body =
    languageId === 'python'
      ? pythonBody(unit.code)
      : isScript(languageId)
        ? scriptBody(unit.code)
        : undefined;
  if (body === undefined || body.checks.length < 2) return undefined;
  const { head, tail, setup, checks } = body;
  return checks.map((check, index) => {
    const name = index === 0 ? unit.name : numberedName(unit.name, index + 1, languageId);
    // A replacement could hold signs that have a meaning in one.
    const ownHead = head.replace(unit.name, () => name);
    return { name, code: [ownHead, ...setup, check, ...(tail === '' ? [] : [tail])].join('\n') };
  });
}

function pythonBody(code: string): Body | undefined {
  const [head = '', ...lines] = code.split('\n');
  if (!/^def \w+\(.*\):$/.test(head)) return undefined;
  return bodyOf(head, '', statements(lines, '    '), (statement) =>
    /^ {4}(?:assert\b|self\.assert\w+\(|with (?:pytest\.raises|self\.assertRaises)\()/.test(statement),
  );
}

function scriptBody(code: string): Body | undefined {
  const lines = code.split('\n');
  const [head = ''] = lines;
  const tail = lines.at(-1) ?? '';
  if (!/=>\s*\{$/.test(head) || tail !== '});') return undefined;
  return bodyOf(head, tail, statements(lines.slice(1, -1), '  '), (statement) =>
    /^ {2}(?:await )?(?:expect|assert\b)/.test(statement),
  );
}

/** Setup first, then nothing but comparisons: in any other order one may depend on what came before it. */
function bodyOf(
  head: string,
  tail: string,
  all: readonly string[],
  isCheck: (statement: string) => boolean,
): Body | undefined {
  const first = all.findIndex(isCheck);
  if (first < 0 || !all.slice(first).every(isCheck)) return undefined;
  return { head, tail, setup: all.slice(0, first), checks: all.slice(first) };
}

/** Lines with those below them that stand deeper, or close what they opened; without blank ones and comments. */
function statements(lines: readonly string[], indent: string): string[] {
  const found: string[] = [];
  for (const line of lines) {
    if (line.trim() === '' || /^\s*(?:#|\/\/)/.test(line)) continue;
    const own = line.startsWith(indent) && !/^[\s)\]}]/.test(line.slice(indent.length));
    const last = found.at(-1);
    if (own || last === undefined) found.push(line);
    else found[found.length - 1] = `${last}\n${line}`;
  }
  return found;
}
