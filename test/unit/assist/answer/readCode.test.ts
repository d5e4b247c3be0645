import assert from 'node:assert/strict';
import { codeBlocks } from '../../../../src/assist/answer/codeBlocks';
import { isProse } from '../../../../src/assist/answer/prose';
import { readCode, readProse } from '../../../../src/assist/answer/readCode';

const ADD = 'def add(a, b):\n    return a + b';

describe('readCode', () => {
  /** Name, answer, code (undefined: none), and whether it is whole. */
  const cases: [name: string, answer: string, code: string | undefined, whole?: boolean][] = [
    ['a fence with the language', `\`\`\`python\n${ADD}\n\`\`\``, ADD],
    ['a fence without a language', `\`\`\`\n${ADD}\n\`\`\``, ADD],
    ['tildes', `~~~py\n${ADD}\n~~~`, ADD],
    [
      'a longer fence with a shorter one inside',
      `\`\`\`\`python\nx = """\n\`\`\`\n"""\n\`\`\`\``,
      'x = """\n```\n"""',
    ],
    ['prose around it', `Sure! Here it is:\n\n\`\`\`python\n${ADD}\n\`\`\`\n\nIt adds two numbers.`, ADD],
    ['no closing fence', `\`\`\`python\n${ADD}`, ADD, false],
    ['no fence at all', ADD, ADD],
    ['no fence and prose around it', `Here is the code:\n\n${ADD}\n\nThis function adds two numbers.`, ADD],
    ['a wrong tag', `\`\`\`java\n${ADD}\n\`\`\``, ADD],
    ['an opening fence behind prose', `Here it is: \`\`\`python\n${ADD}\n\`\`\``, ADD],
    ['a closing fence behind code', `\`\`\`python\n${ADD}\`\`\``, ADD],
    ['Windows line ends', `\`\`\`python\r\n${ADD.replaceAll('\n', '\r\n')}\r\n\`\`\`\r\n`, ADD],
    ['a fence indented in a list', `1. Do it:\n   \`\`\`python\n   x = 1\n   \`\`\``, 'x = 1'],
    ['blank lines inside the fence', `\`\`\`python\n\n${ADD}\n\n\`\`\``, ADD],
    [
      'a command beside the code',
      `\`\`\`bash\npip install a-very-long-name-of-a-package-indeed==1.2.3\n\`\`\`\n\`\`\`\n${ADD}\n\`\`\``,
      ADD,
    ],
    [
      'another language beside the code',
      `\`\`\`javascript\nconst add = (a, b) => a + b; // much longer than the other\n\`\`\`\n\`\`\`python\n${ADD}\n\`\`\``,
      ADD,
    ],
    ['the larger of two blocks', `\`\`\`python\nadd(1, 2)\n\`\`\`\n\`\`\`python\n${ADD}\n\`\`\``, ADD],
    ['an info string with more in it', `\`\`\`python title="add.py"\n${ADD}\n\`\`\``, ADD],
    [
      'an indented fence mark inside a docstring',
      `\`\`\`python\ndef f():\n    """\n    \`\`\`\n    """\n\`\`\``,
      'def f():\n    """\n    ```\n    """',
    ],
    ['no code', 'This function adds two numbers.', undefined],
    ['nothing', '', undefined],
    ['an empty fence', '```python\n```', undefined],
    ['a fence that has just begun', '```python', undefined],
  ];
  for (const [name, answer, code, whole = true] of cases) {
    it(`reads ${name}`, () => {
      assert.deepEqual(readCode(answer, 'python'), code === undefined ? undefined : { code, whole });
    });
  }

  it('takes shell commands where the shell is the language', () => {
    assert.equal(readCode('```bash\nls -l\n```', 'shellscript')?.code, 'ls -l');
  });

  it('gives the prose apart from the code', () => {
    assert.equal(readProse(`Before.\n\`\`\`python\n${ADD}\n\`\`\`\nAfter.`), 'Before.\nAfter.');
  });

  it('finds every block with its lines', () => {
    const blocks = codeBlocks('a\n```js\nx\n```\nb\n```\ny\n```');
    assert.deepEqual(
      blocks.map(({ tag, start, end }) => [tag, start, end]),
      [
        ['js', 1, 4],
        ['', 5, 8],
      ],
    );
  });
});

describe('isProse', () => {
  for (const line of [
    'Here is the updated function:',
    'Sure!',
    'This function returns the `sum(a, b)` of two numbers.',
    '### Explanation',
    '- The function now checks its input.',
  ]) {
    it(`takes for prose: ${line}`, () => assert.ok(isProse(line)));
  }
  for (const line of [
    '# This is a comment.',
    '// Here is a comment.',
    'return a + b',
    'const it = (a) => a;',
    'import os',
    'if this is None:',
    'else:',
    'to_be = or_not(to_be)',
    'let value = 3;',
  ]) {
    it(`takes for code: ${line}`, () => assert.ok(!isProse(line)));
  }
});
