/** Cases of the end rules: each rule decides some, and must keep out of others. */
import type { SuggestionLength } from '../../../src/completion/suggestionLength';

export interface EndRuleCase {
  readonly name: string;
  readonly language?: string;
  readonly length?: SuggestionLength;
  /** The document; `█` is the cursor. */
  readonly at: string;
  readonly written: string;
  /** What remains; absent where no rule may end it. */
  readonly left?: string;
  readonly by?: string;
  /** The engine has ended by itself. */
  readonly complete?: boolean;
}

const braces = 'function f(a) {\n  const b = a;\n  █\n}\n\nfunction g() {\n  return 1;\n}\n';

export const END_RULE_CASES: readonly EndRuleCase[] = [
  // template-token
  {
    name: 'a spelled special token',
    at: 'x = █',
    written: '1<|fim_middle|>',
    left: '1',
    by: 'template-token',
  },
  {
    name: 'the beginning of one is enough',
    at: '█',
    written: 'x = 1\n<|fim_s',
    left: 'x = 1\n',
    by: 'template-token',
  },
  { name: 'an end of text', at: 'x = █', written: '1<|endoftext|>', left: '1', by: 'template-token' },
  { name: 'F# pipes to the left', language: 'fsharp', at: 'let x = █', written: 'f <| g <| h' },

  // line-suffix-reached
  {
    name: 'the bracket behind the cursor',
    at: 'f(█)',
    written: 'a, b)',
    left: 'a, b',
    by: 'line-suffix-reached',
  },
  {
    name: 'a bracket of its own first',
    at: 'f(█)',
    written: 'g(a), h[1])',
    left: 'g(a), h[1]',
    by: 'line-suffix-reached',
  },
  { name: 'own brackets only', at: 'f(█)', written: 'g(a)', complete: true },
  { name: 'a bracket in a string', at: 'f(█)', written: '")"' },
  {
    name: 'definition with closing bracket and colon',
    at: 'def f(█):',
    written: 'a, b):\n    return a',
    left: 'a, b',
    by: 'line-suffix-reached',
  },
  {
    name: 'the quote that closes the string',
    at: 'x = "█"',
    written: 'hello"\ny',
    left: 'hello',
    by: 'line-suffix-reached',
  },
  { name: 'an escaped quote does not', at: 'x = "█"', written: 'say \\"hi' },
  {
    name: 'a telling rest, wherever it comes',
    at: 'return █ + other_value',
    written: 'a + other_value',
    left: 'a ',
    by: 'line-suffix-reached',
  },
  {
    name: 'a short rest only at the end of the line',
    at: 'if █:',
    written: 'x[1:2]:',
    left: 'x[1:2]',
    by: 'line-suffix-reached',
    complete: true,
  },
  { name: 'a short rest inside the line', at: 'if █:', written: 'x[1:2]' },

  // suffix-lines-reached
  {
    name: 'the line below',
    at: 'a = 1\n█\nprint(total)\n',
    written: 'b = 2\nprint(total)\n',
    left: 'b = 2',
    by: 'suffix-lines-reached',
  },
  {
    name: 'the line below, past blank lines',
    at: 'a = 1\n█\n\n\nprint(total)\n',
    written: 'b = 2\n\nprint(total)\n',
    left: 'b = 2\n',
    by: 'suffix-lines-reached',
  },
  { name: 'not while the line may go on', at: 'a = 1\n█\nprint(total)\n', written: 'b = 2\nprint(total)' },
  {
    name: 'a line that only begins like it',
    at: 'a = 1\n█\nprint(total)\n',
    written: 'b = 2\nprint(total) if b else 0\n',
  },
  {
    name: 'the last line counts once the engine has ended',
    at: 'a = 1\n█\nprint(total)\n',
    written: 'b = 2\nprint(total)',
    left: 'b = 2',
    by: 'suffix-lines-reached',
    complete: true,
  },
  {
    name: 'same words, other indentation',
    at: 'if x:\n    █\nprint(total)\n',
    written: 'for total in x:\n        print(total)\n',
  },
  {
    name: 'at once, on a blank line',
    at: 'a = 1\n█\nprint(total)\n',
    written: 'print(total)\n',
    left: '',
    by: 'suffix-lines-reached',
  },
  {
    name: "the suffix's brace",
    language: 'javascript',
    at: braces,
    written: 'return b;\n}\n',
    left: 'return b;',
    by: 'suffix-lines-reached',
  },
  {
    name: 'a brace that closes a block of its own',
    language: 'javascript',
    at: 'if (a) {\n  if (b) {\n  █\n  }\n}\n',
    written: 'for (;;) {\n    b();\n  }\n  c();\n',
  },
  {
    name: "the suffix's brace behind a block of its own",
    language: 'javascript',
    at: 'function f() {█\n}\n',
    written: '\n  if (a) {\n    b();\n  }\n}\n',
    left: '\n  if (a) {\n    b();\n  }',
    by: 'suffix-lines-reached',
  },
  {
    name: 'a closing line with a callback',
    language: 'typescript',
    at: 'it("x", () => {█\n});\n',
    written: '\n  run();\n});\n',
    left: '\n  run();',
    by: 'suffix-lines-reached',
  },
  {
    name: 'end of a Ruby method',
    language: 'ruby',
    at: 'def f(a)█\nend\n',
    written: '\n  a + 1\nend\n',
    left: '\n  a + 1',
    by: 'suffix-lines-reached',
  },
  {
    name: 'end of a Ruby block of its own',
    language: 'ruby',
    at: 'class A\n  █\nend\n',
    written: 'def f\n    1\n  end\n',
  },
  {
    name: 'else that the suffix has',
    at: 'if a:\n    b()█\nelse:\n    c()\n',
    written: '\n    d()\nelse:\n',
    left: '\n    d()',
    by: 'suffix-lines-reached',
  },
  {
    name: 'a trivial line, confirmed by the next',
    at: '█\npass\nfoo(bar)\n',
    written: 'x = 1\npass\nfoo(bar)\n',
    left: 'x = 1',
    by: 'suffix-lines-reached',
  },
  { name: 'a trivial line alone', at: 'if a:\n    █\n    return\n', written: 'b()\n    return\n' },

  // repetition
  {
    name: 'the line above again',
    at: 'total = add(a, b)\n█\n',
    written: 'total = add(a, b)\n',
    left: '',
    by: 'repeats-line-above',
  },
  {
    name: "the cursor's own line again",
    at: 'total = add(a, b)█\n',
    written: '\ntotal = add(a, b)\n',
    left: '',
    by: 'repeats-line-above',
  },
  { name: 'a short line above again', at: 'i += 1\n█\n', written: 'i += 1\n' },
  {
    name: 'one line three times',
    at: '█',
    written: 'print(a)\nprint(a)\nprint(a)\n',
    left: 'print(a)',
    by: 'repeats-lines',
  },
  { name: 'one line twice', at: '█', written: 'print(a)\nprint(a)\nprint(b)\n' },
  {
    name: 'a block of three lines twice',
    at: '█',
    written: 'a = f(x)\nb = g(a)\nc = h(b)\na = f(x)\nb = g(a)\nc = h(b)\n',
    left: 'a = f(x)\nb = g(a)\nc = h(b)',
    by: 'repeats-lines',
  },
  {
    name: 'the block above the cursor again',
    at: 'a = f(x)\nb = g(a)\nc = h(b)\n█',
    written: 'a = f(x)\nb = g(a)\nc = h(b)\n',
    left: '',
    by: 'repeats-lines',
  },
  { name: 'closing brackets are no loop', language: 'javascript', at: '█', written: '}\n}\n}\n' },
  {
    name: 'a piece over and over',
    at: 'x = [█',
    written: '10, 10, 10, 10, 10, 10, 10, ',
    left: '',
    by: 'repeats-piece',
  },
  {
    name: 'a piece over and over on a later line',
    at: '█',
    written: 'x = 1\ny = "abcabcabcabcabcabcabc',
    left: 'x = 1',
    by: 'repeats-piece',
  },
  { name: 'a ruler', at: '█', written: '# ----------------------------------------\n' },

  // first-line-only
  {
    name: 'one line where text follows',
    at: 'a = █ + b',
    written: 'c\nd = e',
    left: 'c',
    by: 'first-line-only',
  },
  { name: 'blanks behind the cursor are no text', at: '█  ', written: 'a = c\nd = e' },
  {
    name: 'one line where one is wanted',
    at: '█',
    written: 'a = b\nc = d',
    length: 'line',
    left: 'a = b',
    by: 'first-line-only',
  },

  // statement-complete
  { name: 'a statement', at: 'x = █', written: 'f(1)\ny = 2', left: 'f(1)', by: 'statement-complete' },
  {
    name: 'one method where a block is asked for',
    at: 'class A:\n    █',
    written: 'def f(self):\n        return 1\n\n    def g(self):',
    length: 'block',
    left: 'def f(self):\n        return 1\n',
    by: 'end-of-scope',
  },
  { name: 'a block is asked for', at: 'x = █', written: 'f(1)\ny = 2', length: 'block' },
  {
    name: 'arguments over several lines',
    at: 'def g():\n    x = f(█',
    written: 'a,\n          b)\n    y = 2',
    left: 'a,\n          b)',
    by: 'statement-complete',
  },
  {
    name: 'an operator at the line’s end',
    language: 'typescript',
    at: '{\n  const all = one █',
    written: '&&\n    other;\n  f();',
    left: '&&\n    other;',
    by: 'statement-complete',
  },
  { name: 'the head of a block', at: 'def f(█', written: 'a, b):\n    c = a + b\n    return c' },
  { name: 'the line was complete before', at: 'x = 1█', written: '\ny = 2\nz = 3\n' },

  // prose
  { name: 'a fence', at: 'x = █', written: '1\n```\n', left: '1', by: 'markdown-fence' },
  { name: 'a fence in Markdown', language: 'markdown', at: '# A\n█', written: 'Text:\n```js\n' },
  { name: 'a fence at once', at: '█', written: '```python\n', left: '', by: 'markdown-fence' },
  {
    name: 'a made-up test',
    at: 'x = █',
    written: '1\n# Test the function\n',
    left: '1',
    by: 'prose-after-code',
  },
  {
    name: 'a made-up example',
    language: 'typescript',
    at: 'const x = █',
    written: '1;\n// Example usage:\n',
    left: '1;',
    by: 'prose-after-code',
  },
  {
    name: 'an explanation',
    language: 'go',
    at: 'x := █',
    written: '1\nThis function returns one.\n',
    left: '1',
    by: 'prose-after-code',
  },
  {
    name: 'an explanation in a docstring',
    at: 'def f():\n█',
    written: '    """F.\n\nThis function does it.\n',
  },

  // length
  {
    name: 'two blank lines',
    at: '    █',
    written: 'a = 1\n\n\n    b = 2',
    left: 'a = 1',
    by: 'two-blank-lines',
  },
  { name: 'one blank line', at: '█', written: 'a = 1\n\nb = 2' },
];
