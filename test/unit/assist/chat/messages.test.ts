import assert from 'node:assert/strict';
import { readFromPage, readToPage } from '../../../../src/assist/chat/messages';

describe('messages of the page', () => {
  for (const message of [
    { type: 'ask', question: 'What?' },
    { type: 'stop' },
    { type: 'edit', turn: 't', question: 'x' },
    { type: 'addContext', kind: 'file' },
    { type: 'removeContext', index: 0 },
    { type: 'insert', code: 'x', language: 'py' },
  ]) {
    it(`are understood: ${message.type}`, () => assert.deepEqual(readFromPage(message), message));
  }

  for (const [what, message] of [
    ['no object', 'ask'],
    ['nothing', null],
    ['an unknown type', { type: 'run', command: 'rm' }],
    ['a wrong field', { type: 'ask', question: 3 }],
    ['a missing field', { type: 'retry' }],
    ['one field too many', { type: 'stop', command: 'x' }],
    ['a command that is none of ours', { type: 'command', command: 'workbench.action.terminal.new' }],
    ['a text without end', { type: 'ask', question: 'x'.repeat(200_001) }],
    ['a negative index', { type: 'removeContext', index: -1 }],
  ] as const) {
    it(`are refused: ${what}`, () => assert.equal(readFromPage(message), undefined));
  }
});

describe('messages of the editor', () => {
  it('are understood', () => {
    assert.deepEqual(readToPage({ type: 'text', turn: 't', at: 0, text: 'x' }), {
      type: 'text',
      turn: 't',
      at: 0,
      text: 'x',
    });
  });

  it('have colours that are colours', () => {
    assert.ok(readToPage({ type: 'theme', colours: { keyword: '#ff0000' } }));
    assert.equal(readToPage({ type: 'theme', colours: { keyword: 'url(https://example.org)' } }), undefined);
  });
});
