/**
 * Examples in a function's documentation, as tests. Their results are the author's word, which is worth more than what
 * a small model works out: doctest's sessions in Python, calls with their results in comments in JavaScript.
 */
import type { Syntax } from '../syntax/syntax';
import type { TestUnit } from './dialect';
import { isScript } from './framework';
import { escaped, snake, type Subject } from './subject';

interface Example {
  /** Statements before the call, in the order they are needed. */
  readonly setup: readonly string[];
  readonly call: string;
  /** An expression; or the name of the error that the call raises. */
  readonly result: string;
  readonly raises: boolean;
}

/** So many say what a function does; more of the same kind say no more. */
const MAX_EXAMPLES = 4;
/** Longer results are tables to look at. */
const MAX_RESULT_UNITS = 300;

/** @returns tests in the framework's form, none where nothing is documented or can be compared */
export async function documentedTests(subject: Subject, syntax: Syntax): Promise<TestUnit[]> {
  const { languageId, name } = subject;
  const uses = new RegExp(`\\b${escaped(name)}\\s*\\(`);
  const found =
    languageId === 'python'
      ? doctests(subject.ownCode)
      : isScript(languageId)
        ? commentedCalls(subject.documentation)
        : [];
  const tests: TestUnit[] = [];
  for (const example of found) {
    if (tests.length === MAX_EXAMPLES) break;
    if (!uses.test(example.call) || !(await isComparable(example, languageId, syntax))) continue;
    const number = tests.length + 1;
    tests.push(
      languageId === 'python' ? pythonTest(example, subject, number) : scriptTest(example, subject, number),
    );
  }
  return tests;
}

/** Whether a test is one of these. */
export const isDocumented = ({ name }: TestUnit): boolean => /as[ _]documented/.test(name);

/** Doctest's sessions: `>>>` and `...` before statements, below them what the last one gives. */
function doctests(code: string): Example[] {
  const lines = code.split('\n');
  const examples: Example[] = [];
  let setup: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', first] = /^(\s*)>>> (.*)$/.exec(lines[at] ?? '') ?? [];
    if (first === undefined) continue;
    const statement = [first];
    while ((lines[at + 1] ?? '').startsWith(`${indent}...`))
      statement.push((lines[++at] ?? '').slice(indent.length + 4));
    const output: string[] = [];
    for (
      let next = lines[at + 1] ?? '';
      next.trim() !== '' && !/^\s*(?:>>>|"""|''')/.test(next);
      next = lines[at + 1] ?? ''
    ) {
      output.push(next.slice(indent.length));
      at++;
    }
    const call = statement.join('\n').replace(/\s+#.*$/, '');
    const error = /^Traceback/.test(output[0] ?? '')
      ? /^\s*([\w.]+)(?::|$)/.exec(output.at(-1) ?? '')?.[1]
      : undefined;
    if (output.length === 0) setup = [...setup, call];
    else if (error !== undefined) examples.push({ setup, call, result: error, raises: true });
    else
      examples.push({
        setup,
        call,
        result: output
          .join('\n')
          .replace(/["']{3}\s*$/, '')
          .trim(),
        raises: false,
      });
  }
  return examples;
}

/** `call(…) // result`, `// => result`, `// returns result`; also with the result on the line below. */
function commentedCalls(documentation: string): Example[] {
  const lines = documentation
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\/\*\*?|\*\/|\*|\/\/)\s?/, '').trimEnd());
  const examples: Example[] = [];
  let setup: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:const|let|var)\s+\w+\s*=\s*.+;?\s*$/.test(line) && !line.includes('//'))
      setup = [...setup, line.trim()];
    else if (line.trim() === '' || line.startsWith('@')) setup = [];
    const own = /^\s*([^\s/].*?\));?\s*\/\/\s*(.+)$/.exec(line);
    const below = /^\s*([^\s/].*?\));?\s*$/.exec(line) && /^\s*\/\/\s*(.+)$/.exec(lines[at + 1] ?? '');
    const call = (own ?? /^\s*([^\s/].*?\));?\s*$/.exec(line))?.[1];
    const told = own?.[2] ?? below?.[1];
    if (call === undefined || told === undefined || /^(?:const|let|var|import)\b/.test(call)) continue;
    const result = told
      .replace(/^(?:=+>|→|-+>|returns?:?|gives:?)\s*/i, '')
      .replace(/[;.]\s*$/, '')
      .trim();
    examples.push({ setup, call: call.trim(), result, raises: false });
  }
  return examples;
}

/** What is printed, cut short, or no expression cannot be compared. */
async function isComparable(
  { setup, call, result, raises }: Example,
  languageId: string,
  syntax: Syntax,
): Promise<boolean> {
  if (result === '' || result.length > MAX_RESULT_UNITS || /\.\.\.|…|<[\w.]+ (?:object|at)\b/.test(result))
    return false;
  if (/^(?:print|console\.log)\b/.test(call) || /^\w+\s*=[^=]/.test(call)) return false;
  const parses = async (text: string): Promise<boolean> =>
    (await syntax.problems(text, languageId))?.length === 0;
  if (languageId === 'python') {
    const given = raises || (await parses(`x = (${result})\n`));
    return given && (await parses(`${setup.join('\n')}\nx = (${call})\n`));
  }
  // Words after a number or a name are an explanation.
  return (
    (await parses(`${setup.join('\n')}\n`)) &&
    (await parses(`x = (${result});\n`)) &&
    !/^[A-Za-z]+ /.test(result)
  );
}

function pythonTest(
  { setup, call, result, raises }: Example,
  { title, framework }: Subject,
  number: number,
): TestUnit {
  const name = `test_${snake(title)}_as_documented_${number}`;
  const isUnittest = framework.id === 'unittest';
  const check = raises
    ? [`with ${isUnittest ? 'self.assertRaises' : 'pytest.raises'}(${result}):`, ...indentedLines(call)]
    : isUnittest
      ? [`self.assertEqual(${call}, ${result})`]
      : [`assert ${call} == ${result.includes('\n') ? `(${result})` : result}`];
  const body = [...setup.flatMap((each) => each.split('\n')), ...check.flatMap((each) => each.split('\n'))];
  const head = `def ${name}(${isUnittest ? 'self' : ''}):`;
  return { name, code: [head, ...body.map((line) => `    ${line}`)].join('\n') };
}

const indentedLines = (text: string): string[] => text.split('\n').map((line) => `    ${line}`);

function scriptTest({ setup, call, result }: Example, { framework }: Subject, number: number): TestUnit {
  const name = `works as documented (${number})`;
  const usesExpect = framework.id === 'vitest' || framework.id === 'jest';
  const check = usesExpect
    ? `expect(${call}).toEqual(${result});`
    : framework.assertions === 'chai'
      ? `expect(${call}).to.deep.equal(${result});`
      : `assert.deepEqual(${call}, ${result});`;
  return {
    name,
    code: [`it('${name}', () => {`, ...[...setup, check].map((line) => `  ${line}`), '});'].join('\n'),
  };
}
