import assert from 'node:assert/strict';
import { repetitionStart } from '../../../../src/assist/chat/repetition';

describe('repetitionStart', () => {
  const sentence = 'The function adds the two values and returns them. ';

  it('is where the second of four equal pieces begins', () => {
    const text = `Before\n${sentence.repeat(4)}`;
    assert.equal(text.slice(0, repetitionStart(text)), `Before\n${sentence}`);
  });

  for (const [what, text] of [
    ['three times', `Before. ${sentence.repeat(3)}`],
    ['a line of dashes', '-'.repeat(80)],
    [
      'a repetition that has ended',
      `${sentence.repeat(5)}Then it went on with something else entirely, at length.`,
    ],
    [
      'numbered rows',
      Array.from({ length: 30 }, (_, row) => `| row ${row} | value | another value |\n`).join(''),
    ],
    ['nothing', ''],
  ] as const) {
    it(`takes ${what} for what it is`, () => assert.equal(repetitionStart(text), undefined));
  }
});
