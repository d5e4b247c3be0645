import assert from 'node:assert/strict';
import {
  before,
  newConversation,
  renamed,
  toMarkdown,
  withChangedTurn,
  without,
  withTurn,
  type Conversation,
  type Turn,
} from '../../../../src/assist/chat/conversation';
import {
  EMPTY_HISTORY,
  MAX_CONVERSATIONS,
  MAX_HISTORY_UNITS,
  readHistory,
  withConversation,
  writeHistory,
} from '../../../../src/assist/chat/history';

const turn = (id: string, answer = 'An answer.'): Turn => ({
  id,
  question: `Question ${id}`,
  context: [{ kind: 'file', label: 'a.py' }],
  message: `message ${id}`,
  answer,
  state: 'done',
  notes: [],
});
const talk = (id: string, changedAt: number, ...turns: Turn[]): Conversation =>
  turns.reduce((conversation, one) => withTurn(conversation, one, changedAt), newConversation(id, changedAt));

describe('a conversation', () => {
  const three = talk('c', 5, turn('1'), turn('2'), turn('3'));

  it('is named by its first question, until the person names it', () => {
    assert.equal(three.title, 'Question 1');
    assert.equal(renamed(three, '  Mine \n').title, 'Mine');
    assert.equal(withTurn(renamed(newConversation('x', 0), 'Mine'), turn('1'), 1).title, 'Mine');
    assert.equal(renamed(three, ' ').title, 'Question 1');
  });

  it('can be taken back to before a question, and lose one', () => {
    assert.deepEqual(
      before(three, '2', 9).turns.map(({ id }) => id),
      ['1'],
    );
    assert.deepEqual(
      without({ ...three, firstSent: 2 }, '1', 9).turns.map(({ id }) => id),
      ['2', '3'],
    );
    assert.equal(without({ ...three, firstSent: 2 }, '1', 9).firstSent, 1);
    assert.equal(before({ ...three, firstSent: 2 }, '1', 9).firstSent, 0);
    assert.equal(before(three, 'nowhere', 9), three);
  });

  it('is a readable document', () => {
    const text = toMarkdown(withChangedTurn(three, '2', { answer: '```py\nx\n```' }));
    assert.match(
      text,
      /^# Question 1\n\n## Question\n\nQuestion 1\n\n\*With: a\.py\*\n\n## Answer\n\nAn answer\.\n/,
    );
    assert.match(text, /```py\nx\n```/);
  });
});

describe('a history', () => {
  it('has the newest conversation first, each once, none that is empty', () => {
    let history = EMPTY_HISTORY;
    for (const one of [
      talk('a', 1, turn('1')),
      talk('b', 3, turn('1')),
      talk('c', 2),
      talk('a', 4, turn('1')),
    ]) {
      history = withConversation(history, one);
    }
    assert.deepEqual(
      history.conversations.map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('comes back from its file as it was', () => {
    const history = { ...withConversation(EMPTY_HISTORY, talk('a', 1, turn('1'), turn('2'))), open: 'a' };
    assert.deepEqual(readHistory(writeHistory(history)), history);
  });

  it('counts an answer that was being written as stopped', () => {
    const writing = withChangedTurn(talk('a', 1, turn('1')), '1', { state: 'writing' });
    const read = readHistory(writeHistory(withConversation(EMPTY_HISTORY, writing)));
    assert.equal(read?.conversations[0]?.turns[0]?.state, 'stopped');
  });

  it('keeps within its limits by giving up the oldest', () => {
    let history = EMPTY_HISTORY;
    for (let at = 0; at < MAX_CONVERSATIONS + 5; at++)
      history = withConversation(history, talk(`${at}`, at, turn('1')));
    assert.equal(readHistory(writeHistory(history))?.conversations.length, MAX_CONVERSATIONS);
    const large = 'x'.repeat(MAX_HISTORY_UNITS / 3);
    let heavy = EMPTY_HISTORY;
    for (let at = 0; at < 5; at++) heavy = withConversation(heavy, talk(`${at}`, at, turn('1', large)));
    const text = writeHistory(heavy);
    assert.ok(text.length <= MAX_HISTORY_UNITS);
    assert.deepEqual(
      readHistory(text)?.conversations.map(({ id }) => id),
      ['4', '3'],
    );
  });

  for (const text of [
    '',
    '{',
    '[]',
    '{"version":2,"conversations":[]}',
    '{"version":1,"conversations":[{"id":1}]}',
  ]) {
    it(`is not read from ${JSON.stringify(text)}`, () => assert.equal(readHistory(text), undefined));
  }
});
