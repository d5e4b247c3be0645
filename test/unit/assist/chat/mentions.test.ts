import assert from 'node:assert/strict';
import { mentionsIn, withoutMentions, type Mention } from '../../../../src/assist/chat/mentions';
import { instructionOf, parseQuestion } from '../../../../src/assist/chat/slashCommands';

describe('context that a question names itself', () => {
  const cases: [question: string, mentions: Mention[], words: string][] = [
    ['what does @file:src/a.ts do?', [{ kind: 'file', name: 'src/a.ts' }], 'what does `src/a.ts` do?'],
    ['look at @file:src/a.ts.', [{ kind: 'file', name: 'src/a.ts' }], 'look at `src/a.ts`.'],
    ['(see @file:"my notes.md")', [{ kind: 'file', name: 'my notes.md' }], '(see `my notes.md`)'],
    ['@symbol:Cart.total, please', [{ kind: 'symbol', name: 'Cart.total' }], '`Cart.total`, please'],
    [
      'why @problems in @selection?',
      [{ kind: 'problems' }, { kind: 'selection' }],
      'why the problems in the selected code?',
    ],
    ['@diff @diff', [{ kind: 'diff' }], 'the changes the changes'],
    ['where in @workspace?', [{ kind: 'workspace' }], 'where in the workspace?'],
    ['@file is long', [{ kind: 'file' }], 'the file is long'],
    ['mail me@file.org', [], 'mail me@file.org'],
    ['@files and @symbolic', [], '@files and @symbolic'],
    ['in `@selection` and\n```css\n@file:x\n```', [], 'in `@selection` and\n```css\n@file:x\n```'],
  ];
  for (const [question, mentions, words] of cases) {
    it(`is read from ${JSON.stringify(question)}`, () => {
      assert.deepEqual(mentionsIn(question), mentions);
      assert.equal(withoutMentions(question), words);
    });
  }

  it('is told to the model in words, also behind a command', () => {
    assert.match(instructionOf(parseQuestion('/fix the loop in @symbol:total')), /\n\nthe loop in `total`$/);
    assert.equal(instructionOf(parseQuestion('explain @selection')), 'explain the selected code');
  });
});
